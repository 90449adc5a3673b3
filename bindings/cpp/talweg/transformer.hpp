/**
 * @file transformer.hpp
 * Multi-head attention and transformers as modules, decoding with a cache, and
 * checkpointed modules. Tensors that a context names belong to the caller.
 */
#ifndef TALWEG_TRANSFORMER_HPP
#define TALWEG_TRANSFORMER_HPP

#include "attention.hpp"
#include "module.hpp"

namespace talweg {

/** The keys and values that a model has seen. Copies are further names of the same one. */
class KeyValueCache {
  public:
    explicit KeyValueCache(int64_t capacity) {
        tw_key_value_cache *made = nullptr;
        check(tw_key_value_cache_new(capacity, &made));
        handle_ = detail::own<tw_key_value_cache, tw_key_value_cache_free>(made);
    }
    tw_key_value_cache *get() const noexcept { return handle_.get(); }
    int64_t length() const { return detail::read<tw_key_value_cache>(tw_key_value_cache_length, get()); }
    int64_t capacity() const { return detail::read<tw_key_value_cache>(tw_key_value_cache_capacity, get()); }
    void reset() { check(tw_key_value_cache_reset(get())); }

  private:
    std::shared_ptr<tw_key_value_cache> handle_;
};

inline Module MultiheadAttention(
    int64_t width, int64_t heads,
    const tw_multihead_attention_options &options = TW_MULTIHEAD_ATTENTION_OPTIONS_INIT) {
    return detail::module(tw_multihead_attention_new, width, heads, &options);
}
/** Of a MultiheadAttention; an empty key is the query, an empty value the key. The weights, if they are wanted, go to
    *weights. */
inline Tensor multihead_attention(const Module &module, const Tensor &query, const Tensor &key = {},
                                  const Tensor &value = {},
                                  const tw_attention_context &context = TW_ATTENTION_CONTEXT_INIT,
                                  Tensor *weights = nullptr) {
    detail::Out w;
    Tensor output = detail::make(tw_multihead_attention, module.get(), query, key, value, &context,
                                 weights ? w.room() : nullptr);
    if (weights) *weights = w.take();
    return output;
}

inline Module TransformerEncoderLayer(int64_t width, int64_t heads,
                                      const tw_transformer_options &options = TW_TRANSFORMER_OPTIONS_INIT) {
    return detail::module(tw_transformer_encoder_layer_new, width, heads, &options);
}
inline Module TransformerDecoderLayer(int64_t width, int64_t heads,
                                      const tw_transformer_options &options = TW_TRANSFORMER_OPTIONS_INIT) {
    return detail::module(tw_transformer_decoder_layer_new, width, heads, &options);
}

namespace detail {
template <typename Function>
Module transformer(Function function, const std::vector<Module> &layers, const Module *norm) {
    std::vector<tw_module *> handles;
    for (const Module &layer : layers) handles.push_back(layer.get());
    return module(function, detail::data(handles), detail::size(handles), norm ? norm->get() : nullptr);
}
}  // namespace detail

/** Layers one after the other, and a norm at the end unless it is null. */
inline Module TransformerEncoder(const std::vector<Module> &layers, const Module *norm = nullptr) {
    return detail::transformer(tw_transformer_encoder_new, layers, norm);
}
inline Module TransformerDecoder(const std::vector<Module> &layers, const Module *norm = nullptr) {
    return detail::transformer(tw_transformer_decoder_new, layers, norm);
}
/** A pass through a layer or stack; `memory` is empty for an encoder. */
inline Tensor transformer_forward(const Module &module, const Tensor &x, const Tensor &memory = {},
                                  const tw_attention_context &context = TW_ATTENTION_CONTEXT_INIT) {
    return detail::make(tw_transformer_forward, module.get(), x, memory, &context);
}

/** A module that the backward pass computes again, and that keeps nothing for it. */
inline Module Checkpointed(const Module &module) { return detail::module(tw_checkpointed_new, module.get()); }

}  // namespace talweg

#endif
