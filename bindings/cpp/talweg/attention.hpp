/**
 * @file attention.hpp
 * Scaled dot-product attention. Tensors that options name belong to the caller.
 */
#ifndef TALWEG_ATTENTION_HPP
#define TALWEG_ATTENTION_HPP

#include "tensor.hpp"

namespace talweg {

inline Tensor attention(const Tensor &q, const Tensor &k, const Tensor &v,
                        const tw_attention_options &options = TW_ATTENTION_OPTIONS_INIT) {
    return detail::make(tw_attention, q, k, v, &options);
}
inline Tensor self_attention(const Tensor &projection, int64_t heads, int64_t key_heads,
                             const tw_attention_options &options = TW_ATTENTION_OPTIONS_INIT) {
    return detail::make(tw_self_attention, projection, heads, key_heads, &options);
}

}  // namespace talweg

#endif
