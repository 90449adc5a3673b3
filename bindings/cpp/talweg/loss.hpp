/**
 * @file loss.hpp
 * Losses and penalties, to be minimised.
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
/** The same with another reduction. */
inline Tensor mse_loss(const Tensor &prediction, const Tensor &target, const tw_loss_options &options) {
    return detail::make(tw_mse_loss_with, prediction, target, &options);
}
inline Tensor mae_loss(const Tensor &prediction, const Tensor &target,
                       const tw_loss_options &options = TW_LOSS_OPTIONS_INIT) {
    return detail::make(tw_mae_loss, prediction, target, &options);
}
inline Tensor log_cosh_loss(const Tensor &prediction, const Tensor &target,
                            const tw_loss_options &options = TW_LOSS_OPTIONS_INIT) {
    return detail::make(tw_log_cosh_loss, prediction, target, &options);
}
inline Tensor huber_loss(const Tensor &prediction, const Tensor &target,
                         const tw_huber_loss_options &options = TW_HUBER_LOSS_OPTIONS_INIT) {
    return detail::make(tw_huber_loss, prediction, target, &options);
}
inline Tensor smooth_l1_loss(const Tensor &prediction, const Tensor &target,
                             const tw_smooth_l1_loss_options &options = TW_SMOOTH_L1_LOSS_OPTIONS_INIT) {
    return detail::make(tw_smooth_l1_loss, prediction, target, &options);
}
inline Tensor poisson_nll_loss(const Tensor &prediction, const Tensor &target,
                               const tw_poisson_nll_loss_options &options = TW_POISSON_NLL_LOSS_OPTIONS_INIT) {
    return detail::make(tw_poisson_nll_loss, prediction, target, &options);
}
inline Tensor gaussian_nll_loss(const Tensor &prediction, const Tensor &target, const Tensor &variance,
                                const tw_gaussian_nll_loss_options &options = TW_GAUSSIAN_NLL_LOSS_OPTIONS_INIT) {
    return detail::make(tw_gaussian_nll_loss, prediction, target, variance, &options);
}
inline Tensor bce_with_logits_loss(const Tensor &logits, const Tensor &target,
                                   const tw_bce_with_logits_loss_options &options =
                                       TW_BCE_WITH_LOGITS_LOSS_OPTIONS_INIT) {
    return detail::make(tw_bce_with_logits_loss, logits, target, &options);
}
inline Tensor bce_loss(const Tensor &probabilities, const Tensor &target,
                       const tw_bce_loss_options &options = TW_BCE_LOSS_OPTIONS_INIT) {
    return detail::make(tw_bce_loss, probabilities, target, &options);
}
inline Tensor hinge_loss(const Tensor &prediction, const Tensor &target,
                         const tw_loss_options &options = TW_LOSS_OPTIONS_INIT) {
    return detail::make(tw_hinge_loss, prediction, target, &options);
}
inline Tensor squared_hinge_loss(const Tensor &prediction, const Tensor &target,
                                 const tw_loss_options &options = TW_LOSS_OPTIONS_INIT) {
    return detail::make(tw_squared_hinge_loss, prediction, target, &options);
}
inline Tensor sigmoid_focal_loss(const Tensor &logits, const Tensor &target,
                                 const tw_sigmoid_focal_loss_options &options = TW_SIGMOID_FOCAL_LOSS_OPTIONS_INIT) {
    return detail::make(tw_sigmoid_focal_loss, logits, target, &options);
}
inline Tensor nll_loss(const Tensor &log_probabilities, const Tensor &labels,
                       const tw_nll_loss_options &options = TW_NLL_LOSS_OPTIONS_INIT) {
    return detail::make(tw_nll_loss, log_probabilities, labels, &options);
}
inline Tensor focal_loss(const Tensor &logits, const Tensor &labels,
                         const tw_focal_loss_options &options = TW_FOCAL_LOSS_OPTIONS_INIT) {
    return detail::make(tw_focal_loss, logits, labels, &options);
}
inline Tensor multi_margin_loss(const Tensor &scores, const Tensor &labels,
                                const tw_multi_margin_loss_options &options = TW_MULTI_MARGIN_LOSS_OPTIONS_INIT) {
    return detail::make(tw_multi_margin_loss, scores, labels, &options);
}
inline Tensor kl_div_loss(const Tensor &log_probabilities, const Tensor &target,
                          const tw_kl_div_loss_options &options = TW_KL_DIV_LOSS_OPTIONS_INIT) {
    return detail::make(tw_kl_div_loss, log_probabilities, target, &options);
}
inline Tensor cosine_embedding_loss(const Tensor &first, const Tensor &second, const Tensor &target,
                                    const tw_cosine_embedding_loss_options &options =
                                        TW_COSINE_EMBEDDING_LOSS_OPTIONS_INIT) {
    return detail::make(tw_cosine_embedding_loss, first, second, target, &options);
}
inline Tensor triplet_margin_loss(const Tensor &anchor, const Tensor &positive, const Tensor &negative,
                                  const tw_triplet_margin_loss_options &options = TW_TRIPLET_MARGIN_LOSS_OPTIONS_INIT) {
    return detail::make(tw_triplet_margin_loss, anchor, positive, negative, &options);
}
inline Tensor info_nce_loss(const Tensor &query, const Tensor &keys,
                            const tw_info_nce_loss_options &options = TW_INFO_NCE_LOSS_OPTIONS_INIT) {
    return detail::make(tw_info_nce_loss, query, keys, &options);
}
inline Tensor ctc_loss(const Tensor &log_probabilities, const Tensor &targets,
                       const Tensor &input_lengths, const Tensor &target_lengths,
                       const tw_ctc_loss_options &options = TW_CTC_LOSS_OPTIONS_INIT) {
    return detail::make(tw_ctc_loss, log_probabilities, targets, input_lengths, target_lengths, &options);
}
inline Tensor l1_penalty(const Module &module) { return detail::make(tw_l1_penalty, module.get()); }
inline Tensor l2_penalty(const Module &module) { return detail::make(tw_l2_penalty, module.get()); }

}  // namespace talweg

#endif
