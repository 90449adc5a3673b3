/**
 * @file loss.hpp
 * Losses and penalties: one element each, to be minimised.
 */
#ifndef TALWEG_LOSS_HPP
#define TALWEG_LOSS_HPP

#include "module.hpp"

namespace talweg {

inline Tensor mse_loss(const Tensor &prediction, const Tensor &target) {
    return detail::make(tw_mse_loss, prediction, target);
}
inline Tensor cross_entropy_loss(const Tensor &logits, const Tensor &labels) {
    return detail::make(tw_cross_entropy_loss, logits, labels);
}
inline Tensor cross_entropy_loss(const Tensor &logits, const Tensor &labels, const tw_cross_entropy_options &options) {
    return detail::make(tw_cross_entropy_loss_with, logits, labels, &options);
}
inline Tensor l1_penalty(const Module &module) { return detail::make(tw_l1_penalty, module.get()); }
inline Tensor l2_penalty(const Module &module) { return detail::make(tw_l2_penalty, module.get()); }

}  // namespace talweg

#endif
