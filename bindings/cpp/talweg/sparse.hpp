/**
 * @file sparse.hpp
 * Large least squares of matrices that are sparse or known by their products with vectors.
 */
#ifndef TALWEG_SPARSE_HPP
#define TALWEG_SPARSE_HPP

#include "tensor.hpp"

namespace talweg {

/** A matrix by its products with vectors. Copies are further names of the same one. */
class Operator {
  public:
    explicit Operator(tw_operator *handle) : handle_(detail::own<tw_operator, tw_operator_free>(handle)) {}
    tw_operator *get() const noexcept { return handle_.get(); }

    /** A copy of a matrix in compressed rows: rows + 1 offsets, and a place and a value of each element. */
    static Operator from_csr(int64_t columns, const std::vector<int64_t> &row_offsets,
                             const std::vector<int64_t> &column_indices, const std::vector<double> &values) {
        const int64_t rows = detail::size(row_offsets) - 1;
        if (rows < 0 || row_offsets[static_cast<size_t>(rows)] != detail::size(values) ||
            values.size() != column_indices.size())
            throw Error(TW_ERROR_SHAPE, "operator_from_csr: " + std::to_string(row_offsets.size()) + " offsets, " +
                                            std::to_string(column_indices.size()) + " places and " +
                                            std::to_string(values.size()) + " values do not fit each other");
        return detail::made<Operator, tw_operator>(tw_operator_from_csr, rows, columns, row_offsets.data(),
                                                   detail::data(column_indices), detail::data(values));
    }
    /** By functions: `multiply` writes A x [rows], `multiply_transposed` A' y [columns]. What they throw, the
        call that needed them throws. */
    static Operator from_functions(int64_t rows, int64_t columns, VectorFunction multiply,
                                   VectorFunction multiply_transposed) {
        struct Products {
            VectorFunction forward, back;
        };
        auto products = std::make_unique<Products>(Products{std::move(multiply), std::move(multiply_transposed)});
        tw_operator *handle = nullptr;
        check(tw_operator_from_functions(
            rows, columns,
            [](void *c, const double *x, double *y) {
                return detail::guarded([&] { static_cast<Products *>(c)->forward(x, y); });
            },
            [](void *c, const double *y, double *x) {
                return detail::guarded([&] { static_cast<Products *>(c)->back(y, x); });
            },
            products.get(), [](void *c) { delete static_cast<Products *>(c); }, &handle));
        products.release();
        return Operator(handle);
    }

    Tensor multiply(const Tensor &x, bool transposed = false) const {
        return detail::make(tw_operator_multiply, get(), x, transposed);
    }

  private:
    std::shared_ptr<tw_operator> handle_;
};

struct LsqrResult {
    Tensor x;
    tw_iterative_summary summary;
};

inline LsqrResult lsqr(const Operator &matrix, const Tensor &b,
                       const tw_iterative_options &options = TW_ITERATIVE_OPTIONS_INIT) {
    LsqrResult result{{}, TW_ITERATIVE_SUMMARY_INIT};
    result.x = detail::make(tw_lsqr, matrix.get(), b, &options, &result.summary);
    return result;
}

/** Asks after each iteration, with the norms of the residuals and the gradient, whether to stop. What `stop`
    throws, this throws. The options' callback and context are not used. */
inline LsqrResult lsqr(const Operator &matrix, const Tensor &b, tw_iterative_options options,
                       const std::function<bool(int64_t, double, double)> &stop) {
    using Context = detail::Stopping<int64_t, double, double>;
    Context context{stop};
    options.callback = [](void *c, int64_t iteration, double residual, double gradient) {
        return static_cast<Context *>(c)->ask(iteration, residual, gradient);
    };
    options.context = &context;
    LsqrResult result = lsqr(matrix, b, options);
    context.rethrow();
    return result;
}

}  // namespace talweg

#endif
