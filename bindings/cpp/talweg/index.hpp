/**
 * @file index.hpp
 * Reading and writing by keys and positions.
 *
 *     x(0)                            // x[0] of Python
 *     x(Slice(1, 3), -1)              // x[1:3, -1]
 *     x(Slice({}, {}, -1), NewAxis()) // x[::-1, None]
 *     x(Ellipsis(), greater(m, 0.0))  // x[..., m > 0]
 *     index_assign(x, {0, Slice(1, 3)}, y);   // x[0, 1:3] = y
 */
#ifndef TALWEG_INDEX_HPP
#define TALWEG_INDEX_HPP

#include "tensor.hpp"

#include <optional>

namespace talweg {

/** start, start + step, ... up to but without stop; what is left out is the axis's end on
    that side, as in Python. Slice() is the whole axis. */
struct Slice {
    explicit Slice(std::optional<int64_t> start = {}, std::optional<int64_t> stop = {}, int64_t step = 1)
        : start(start.value_or(step < 0 ? INT64_MAX : 0)), stop(stop.value_or(step < 0 ? INT64_MIN : INT64_MAX)),
          step(step) {}
    int64_t start, stop, step;
};
/** An axis of size 1 more. */
struct NewAxis {};
/** As many whole axes as the other keys leave. */
struct Ellipsis {};

/** One of the keys between the brackets of x[..]: a position, a Slice, NewAxis, Ellipsis, or
    a tensor of positions or a mask, which it keeps alive. */
class Key {
  public:
    template <typename T, typename = std::enable_if_t<std::is_integral<T>::value && !std::is_same<T, bool>::value>>
    Key(T position) : key_ TW_KEY_AT(static_cast<int64_t>(position)) {}
    Key(const Slice &slice) : key_ TW_KEY_RANGE(slice.start, slice.stop, slice.step) {}
    Key(NewAxis) : key_ TW_KEY_NEW {}
    Key(Ellipsis) : key_ TW_KEY_REST {}
    Key(const Tensor &tensor) : key_ TW_KEY_PICK(tensor.get()), tensor_(tensor) {}
    const tw_key &get() const noexcept { return key_; }

  private:
    tw_key key_;
    Tensor tensor_;
};
using Keys = std::vector<Key>;

namespace detail {
inline std::vector<tw_key> raw_keys(const Keys &keys) {
    std::vector<tw_key> result;
    for (const Key &key : keys) result.push_back(key.get());
    return result;
}
}  // namespace detail

template <typename... K> Tensor Tensor::operator()(const K &...keys) const {
    static_assert(sizeof...(K) > 0, "x() has no key; x(Ellipsis()) is all of x");
    const Key all[] = {Key(keys)...};
    tw_key raw[sizeof...(K)];
    for (size_t i = 0; i < sizeof...(K); ++i) raw[i] = all[i].get();
    return Tensor(tw_index(nullptr, get(), raw, static_cast<int64_t>(sizeof...(K))));
}

inline Tensor index(const Tensor &x, const Keys &keys) {
    const auto raw = detail::raw_keys(keys);
    return Tensor(tw_index(nullptr, x.get(), detail::data(raw), detail::size(raw)));
}
inline void index_assign(const Tensor &x, const Keys &keys, const Tensor &values) {
    const auto raw = detail::raw_keys(keys);
    check(tw_index_assign(x.get(), detail::data(raw), detail::size(raw), values.get()));
}
/** A copy of x with the values written, or with `adds` added, at the keys. */
inline Tensor index_put(const Tensor &x, const Keys &keys, const Tensor &values, bool adds = false) {
    const auto raw = detail::raw_keys(keys);
    return Tensor(tw_index_put(nullptr, x.get(), detail::data(raw), detail::size(raw), values.get(), adds));
}

inline Tensor mask_select(const Tensor &x, const Tensor &mask) { return detail::make(tw_mask_select, x, mask); }
inline void mask_assign(const Tensor &x, const Tensor &mask, const Tensor &values) {
    detail::call(tw_mask_assign, x, mask, values);
}

inline Tensor take_along_axis(const Tensor &x, const Tensor &indices, int64_t axis) {
    return detail::make(tw_take_along_axis, x, indices, axis);
}
inline Tensor scatter(const Tensor &x, int64_t axis, const Tensor &indices, const Tensor &values) {
    return detail::make(tw_scatter, x, axis, indices, values);
}
inline Tensor scatter_add(const Tensor &x, int64_t axis, const Tensor &indices, const Tensor &values) {
    return detail::make(tw_scatter_add, x, axis, indices, values);
}
inline Tensor index_add(const Tensor &x, int64_t axis, const Tensor &indices, const Tensor &values) {
    return detail::make(tw_index_add, x, axis, indices, values);
}

}  // namespace talweg

#endif
