/**
 * @file levenberg_marquardt.hpp
 * Levenberg-Marquardt on a network's residuals.
 */
#ifndef TALWEG_LEVENBERG_MARQUARDT_HPP
#define TALWEG_LEVENBERG_MARQUARDT_HPP

#include "module.hpp"

namespace talweg {

/** Fits a module's parameters in place so that its outputs come near to targets. */
inline tw_levenberg_marquardt_result levenberg_marquardt_fit(
    Module &module, const Tensor &inputs, const Tensor &targets,
    const tw_levenberg_marquardt_options &options = TW_LEVENBERG_MARQUARDT_OPTIONS_INIT) {
    tw_levenberg_marquardt_result result = TW_LEVENBERG_MARQUARDT_RESULT_INIT;
    check(tw_levenberg_marquardt_fit(module.get(), inputs.get(), targets.get(), &options, &result));
    return result;
}

}  // namespace talweg

#endif
