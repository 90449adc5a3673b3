/**
 * @file derivatives.hpp
 * Products with the Jacobian from either side, Jacobians, Hessians, products with the Hessian.
 *
 *     x.requires_grad();
 *     Tensor h = talweg::hessian(f(x), {x})[0][0];
 */
#ifndef TALWEG_DERIVATIVES_HPP
#define TALWEG_DERIVATIVES_HPP

#include "autodiff.hpp"

namespace talweg {

namespace detail {
/** The C functions read as many of `others` as there are of `these`. */
inline void expect_as_many(const char *function, const Tensors &these, const Tensors &others) {
    if (these.size() != others.size())
        throw Error(TW_ERROR_INVALID_ARGUMENT, std::string(function) + ": " + std::to_string(others.size()) +
                                                   " tensors for " + std::to_string(these.size()));
}
}  // namespace detail

/** The gradient of each input that the cotangents, one an output, make together. */
inline Tensors vjp(const Tensors &outputs, const Tensors &inputs, const Tensors &cotangents,
                   const tw_derivative_options &options = TW_DERIVATIVE_OPTIONS_INIT) {
    detail::expect_as_many("vjp", outputs, cotangents);
    const auto out = detail::handles(outputs), in = detail::handles(inputs), by = detail::handles(cotangents);
    return detail::several(in.size(), tw_vjp, detail::data(out), detail::size(out), detail::data(in),
                           detail::size(in), detail::data(by), &options);
}
/** How each output moves when the inputs move along the directions, one an input. */
inline Tensors jvp(const Tensors &outputs, const Tensors &inputs, const Tensors &directions,
                   const tw_derivative_options &options = TW_DERIVATIVE_OPTIONS_INIT) {
    detail::expect_as_many("jvp", inputs, directions);
    const auto out = detail::handles(outputs), in = detail::handles(inputs), by = detail::handles(directions);
    return detail::several(out.size(), tw_jvp, detail::data(out), detail::size(out), detail::data(in),
                           detail::size(in), detail::data(by), &options);
}
/** For each input the derivatives [output's shape, input's shape]. */
inline Tensors jacobian(const Tensor &output, const Tensors &inputs,
                        const tw_derivative_options &options = TW_DERIVATIVE_OPTIONS_INIT) {
    const auto in = detail::handles(inputs);
    return detail::several(in.size(), tw_jacobian, output, detail::data(in), detail::size(in), &options);
}
/** The second derivatives of inputs i and j, [input i's shape, input j's shape], in [i][j]. */
inline std::vector<Tensors> hessian(const Tensor &output, const Tensors &inputs,
                                    const tw_derivative_options &options = TW_DERIVATIVE_OPTIONS_INIT) {
    const auto in = detail::handles(inputs);
    const size_t n = in.size();
    const Tensors all = detail::several(n * n, tw_hessian, output, detail::data(in), detail::size(in), &options);
    std::vector<Tensors> rows(n);
    for (size_t i = 0; i < all.size(); ++i) rows[i / n].push_back(all[i]);
    return rows;
}
/** The Hessian times vectors, one an input. */
inline Tensors hvp(const Tensor &output, const Tensors &inputs, const Tensors &vectors,
                   const tw_derivative_options &options = TW_DERIVATIVE_OPTIONS_INIT) {
    detail::expect_as_many("hvp", inputs, vectors);
    const auto in = detail::handles(inputs), by = detail::handles(vectors);
    return detail::several(in.size(), tw_hvp, output, detail::data(in), detail::size(in), detail::data(by), &options);
}

}  // namespace talweg

#endif
