/**
 * @file layers.hpp
 * Activations, dropout, containers, the bilinear map.
 */
#ifndef TALWEG_LAYERS_HPP
#define TALWEG_LAYERS_HPP

#include "module.hpp"

namespace talweg {

/* ---- Activations ----------------------------------------------------------- */

inline Tensor activate(const Tensor &x, tw_activation activation,
                       const tw_activation_options &options = TW_ACTIVATION_OPTIONS_INIT) {
    return detail::make(tw_activate, x, activation, &options);
}
inline Module Activation(tw_activation activation, const tw_activation_options &options = TW_ACTIVATION_OPTIONS_INIT) {
    return detail::module(tw_activation_new, activation, &options);
}
inline Tensor prelu(const Tensor &x, const Tensor &weight) { return detail::make(tw_prelu, x, weight); }
inline Module PReLU(int64_t slopes = 1, double initial = 0.25, tw_dtype dtype = TW_FLOAT32) {
    return detail::module(tw_prelu_new, slopes, initial, dtype);
}

/* ---- Dropout ------------------------------------------------------------------ */

inline Tensor channel_dropout(const Tensor &x, double p, const Generator *generator = nullptr) {
    return detail::make(tw_channel_dropout, generator, x, p);
}
inline Module ChannelDropout(double p, uint64_t seed = 0) { return detail::module(tw_channel_dropout_new, p, seed); }
inline Tensor alpha_dropout(const Tensor &x, double p, bool by_channel = false, const Generator *generator = nullptr) {
    return detail::make(tw_alpha_dropout, generator, x, p, by_channel);
}
inline Module AlphaDropout(double p, bool by_channel = false, uint64_t seed = 0) {
    return detail::module(tw_alpha_dropout_new, p, by_channel, seed);
}
inline Tensor stochastic_depth(const Tensor &x, double p, tw_stochastic_depth_mode mode = TW_STOCHASTIC_DEPTH_ROW,
                               const Generator *generator = nullptr) {
    return detail::make(tw_stochastic_depth, generator, x, p, mode);
}
inline Module StochasticDepth(double p, tw_stochastic_depth_mode mode = TW_STOCHASTIC_DEPTH_ROW, uint64_t seed = 0) {
    return detail::module(tw_stochastic_depth_new, p, mode, seed);
}

/* ---- Containers ------------------------------------------------------------------ */

inline Module Identity() { return detail::module(tw_identity_new); }
inline Module Flatten(int64_t start = 1, int64_t end = -1) { return detail::module(tw_flatten_new, start, end); }
inline Module Unflatten(int64_t axis, const Shape &sizes) {
    return detail::module(tw_unflatten_new, axis, detail::data(sizes), detail::size(sizes));
}
inline Module Residual(const Module &body) {
    return detail::module(tw_residual_new, body.get(), static_cast<tw_module *>(nullptr));
}
inline Module Residual(const Module &body, const Module &projection) {
    return detail::module(tw_residual_new, body.get(), projection.get());
}
/** `axis` is of TW_PARALLEL_CONCATENATE. */
inline Module Parallel(const std::vector<Module> &modules, tw_parallel_combination combination = TW_PARALLEL_SUM,
                       int64_t axis = -1) {
    std::vector<tw_module *> handles;
    for (const Module &m : modules) handles.push_back(m.get());
    return detail::module(tw_parallel_new, detail::data(handles), detail::size(handles), combination, axis);
}

/* ---- The bilinear map ----------------------------------------------------------------- */

/** An empty bias is none. */
inline Tensor bilinear(const Tensor &a, const Tensor &b, const Tensor &weight, const Tensor &bias = {}) {
    return detail::make(tw_bilinear, a, b, weight, bias);
}
/** A module of two inputs. */
inline Module Bilinear(int64_t first, int64_t second, int64_t outputs,
                       const tw_linear_options &options = TW_LINEAR_OPTIONS_INIT) {
    return detail::module(tw_bilinear_new, first, second, outputs, &options);
}

}  // namespace talweg

#endif
