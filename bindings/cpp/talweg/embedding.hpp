/**
 * @file embedding.hpp
 * Embeddings and bags of them.
 */
#ifndef TALWEG_EMBEDDING_HPP
#define TALWEG_EMBEDDING_HPP

#include "module.hpp"

namespace talweg {

/** Row `padding` gets no gradient. */
inline Tensor embedding(const Tensor &table, const Tensor &ids, int64_t padding) {
    return detail::make(tw_embedding_padded, table, ids, padding);
}
/** Scales long rows down, in place. */
inline void embedding_limit(const Tensor &table, const Tensor &ids, double norm, double order = 2) {
    check(tw_embedding_limit(table.get(), ids.get(), norm, order));
}
/** Empty offsets and weights are none. */
inline Tensor embedding_bag(const Tensor &table, const Tensor &ids, const Tensor &offsets = {},
                            const Tensor &weights = {}, const tw_bag_options &options = TW_BAG_OPTIONS_INIT) {
    return detail::make(tw_embedding_bag, table, ids, offsets, weights, &options);
}
inline Module Embedding(int64_t rows, int64_t width, const tw_embedding_options &options = TW_EMBEDDING_OPTIONS_INIT) {
    return detail::module(tw_embedding_new, rows, width, &options);
}
inline Module EmbeddingBag(int64_t rows, int64_t width, const tw_bag_options &bag = TW_BAG_OPTIONS_INIT,
                           const tw_embedding_options &options = TW_EMBEDDING_OPTIONS_INIT) {
    return detail::module(tw_embedding_bag_new, rows, width, &options, &bag);
}

}  // namespace talweg

#endif
