/**
 * @file talweg.hpp
 * Talweg for C++17: owning types and exceptions over talweg.h, in this header alone.
 *
 *     talweg::Tensor x = {1, 2, 3, 4, 5}, y = {2, 4, 5, 4, 5};
 *     auto fit = talweg::lstsq(x, y);
 *     std::cout << fit.coefficients() << '\n';       // [0.6]
 *
 * Every object owns its handle and releases it at the end of its life. Copies of a
 * Tensor or a Module are further names of the same one, as in Python; talweg::copy(x)
 * makes a tensor with elements of its own. A call that fails throws talweg::Error with
 * the library's status and message. What a function does is written in the C header
 * at the function it is named after.
 */
#ifndef TALWEG_HPP
#define TALWEG_HPP

#include <talweg.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace talweg {

/** What a failed call throws. */
class Error : public std::runtime_error {
  public:
    Error(tw_status status, const std::string &message)
        : std::runtime_error(message.empty() ? tw_status_name(status) : message), status_(status) {}
    tw_status status() const noexcept { return status_; }

  private:
    tw_status status_;
};

inline void check(tw_status status) {
    if (status != TW_OK) throw Error(status, tw_last_message());
}

using Shape = std::vector<int64_t>;

namespace detail {

template <typename T> struct dtype_of;
template <> struct dtype_of<float> { static constexpr tw_dtype value = TW_FLOAT32; };
template <> struct dtype_of<double> { static constexpr tw_dtype value = TW_FLOAT64; };
template <> struct dtype_of<int32_t> { static constexpr tw_dtype value = TW_INT32; };
template <> struct dtype_of<int64_t> { static constexpr tw_dtype value = TW_INT64; };
template <> struct dtype_of<int8_t> { static constexpr tw_dtype value = TW_INT8; };
template <> struct dtype_of<int16_t> { static constexpr tw_dtype value = TW_INT16; };
template <> struct dtype_of<uint16_t> { static constexpr tw_dtype value = TW_UINT16; };
template <> struct dtype_of<uint32_t> { static constexpr tw_dtype value = TW_UINT32; };
template <> struct dtype_of<uint64_t> { static constexpr tw_dtype value = TW_UINT64; };
template <> struct dtype_of<uint8_t> { static constexpr tw_dtype value = TW_UINT8; };
template <> struct dtype_of<bool> { static constexpr tw_dtype value = TW_BOOL; };

/** The text that a function of the form (char *, size_t, size_t *) writes. */
template <typename Call> std::string text(Call call) {
    size_t needed = 0;
    check(call(nullptr, 0, &needed));
    std::string result(needed, '\0');
    check(call(result.data(), result.size(), nullptr));
    result.resize(needed - 1);
    return result;
}

template <typename Handle, void (*release)(Handle *)> std::shared_ptr<Handle> own(Handle *handle) {
    if (handle == nullptr) throw Error(tw_last_status(), tw_last_message());
    return std::shared_ptr<Handle>(handle, release);
}

}  // namespace detail

inline void set_num_threads(int64_t count) { check(tw_set_num_threads(count)); }
inline void set_cache_limit(int64_t bytes) { check(tw_set_cache_limit(bytes)); }
inline tw_memory_statistics memory_stats() {
    tw_memory_statistics result = TW_MEMORY_STATISTICS_INIT;
    check(tw_memory_stats(&result));
    return result;
}

/** A seeded source of random numbers. */
class Generator {
  public:
    explicit Generator(uint64_t seed) {
        tw_generator *handle = nullptr;
        check(tw_generator_new(seed, &handle));
        handle_ = detail::own<tw_generator, tw_generator_free>(handle);
    }
    tw_generator *get() const noexcept { return handle_.get(); }
    std::pair<uint64_t, uint64_t> state() const {
        std::pair<uint64_t, uint64_t> result;
        check(tw_generator_state(get(), &result.first, &result.second));
        return result;
    }
    void set_state(uint64_t seed, uint64_t position) { check(tw_generator_set_state(get(), seed, position)); }

  private:
    std::shared_ptr<tw_generator> handle_;
};

class Tensor {
  public:
    /** No tensor; what a default-made one may be given to says so. */
    Tensor() = default;
    /** Owns a handle that the C API gave with a NULL scope; throws if it is NULL. */
    explicit Tensor(tw_tensor *handle) : handle_(detail::own<tw_tensor, tw_release>(handle)) {}
    /** A further name of a handle that another owner keeps for longer. */
    static Tensor unowned(tw_tensor *handle) {
        Tensor tensor;
        tensor.handle_ = std::shared_ptr<tw_tensor>(handle, [](tw_tensor *) {});
        return tensor;
    }
    /** A 0-d float64 tensor. */
    Tensor(double value) : Tensor(tw_scalar(nullptr, value, TW_FLOAT64)) {}
    /** float64, of one axis. */
    Tensor(std::initializer_list<double> values) : Tensor(std::vector<double>(values), {static_cast<int64_t>(values.size())}) {}
    /** float64, of two axes. */
    Tensor(std::initializer_list<std::initializer_list<double>> rows) {
        std::vector<double> values;
        for (const auto &row : rows) {
            if (row.size() != rows.begin()->size()) throw Error(TW_ERROR_SHAPE, "Tensor: rows of unequal length");
            values.insert(values.end(), row.begin(), row.end());
        }
        *this = Tensor(values, {static_cast<int64_t>(rows.size()),
                                static_cast<int64_t>(rows.size() ? rows.begin()->size() : 0)});
    }
    /** A copy of row-major values. */
    template <typename T> Tensor(const std::vector<T> &values, const Shape &shape) {
        static_assert(!std::is_same<T, bool>::value, "vector<bool> is no array; make uint8 and cast it");
        int64_t count = 1;
        for (int64_t size : shape) count *= size;
        if (count != static_cast<int64_t>(values.size()))
            throw Error(TW_ERROR_SHAPE, "Tensor: " + std::to_string(values.size()) + " values do not fill the shape");
        *this = Tensor(tw_tensor_from_data(nullptr, values.data(), detail::dtype_of<T>::value, shape.data(),
                                           static_cast<int64_t>(shape.size())));
    }
    template <typename T> explicit Tensor(const std::vector<T> &values)
        : Tensor(values, {static_cast<int64_t>(values.size())}) {}

    tw_tensor *get() const noexcept { return handle_.get(); }
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    tw_dtype dtype() const { tw_dtype value = TW_FLOAT32; check(tw_tensor_dtype(get(), &value)); return value; }
    int64_t rank() const { int64_t value = 0; check(tw_tensor_rank(get(), &value)); return value; }
    int64_t count() const { int64_t value = 0; check(tw_tensor_count(get(), &value)); return value; }
    int64_t size(int64_t axis) const { int64_t value = 0; check(tw_tensor_size(get(), axis, &value)); return value; }
    Shape shape() const {
        Shape value(static_cast<size_t>(rank()));
        if (!value.empty()) check(tw_tensor_shape(get(), value.data(), static_cast<int64_t>(value.size())));
        return value;
    }
    Shape strides() const {
        Shape value(static_cast<size_t>(rank()));
        if (!value.empty()) check(tw_tensor_strides(get(), value.data(), static_cast<int64_t>(value.size())));
        return value;
    }
    double item() const { double value = 0; check(tw_tensor_item(get(), &value)); return value; }
    int64_t item_int64() const { int64_t value = 0; check(tw_tensor_item_int64(get(), &value)); return value; }
    /** The elements, converted to double. */
    std::vector<double> to_vector() const {
        std::vector<double> values(static_cast<size_t>(count()));
        if (!values.empty()) check(tw_tensor_to_double(get(), values.data(), static_cast<int64_t>(values.size())));
        return values;
    }
    /** The elements, of just this type. */
    template <typename T> std::vector<T> values() const {
        if (dtype() != detail::dtype_of<T>::value) throw Error(TW_ERROR_DTYPE, std::string("values: the tensor is ") + tw_dtype_name(dtype()));
        std::vector<T> result(static_cast<size_t>(count()));
        if (!result.empty()) check(tw_tensor_copy_to(get(), result.data(), result.size() * sizeof(T)));
        return result;
    }
    const void *data() const { const void *address = nullptr; check(tw_tensor_data(get(), &address)); return address; }
    void *mutable_data() { void *address = nullptr; check(tw_tensor_mutable_data(get(), &address)); return address; }
    void assign(const Tensor &source) { check(tw_tensor_assign(get(), source.get())); }
    std::string to_string() const {
        return detail::text([this](char *t, size_t c, size_t *n) { return tw_tensor_to_string(get(), t, c, n); });
    }

    /** Makes it a leaf whose gradient is wanted; gives itself. */
    Tensor &requires_grad(bool required = true) { check(tw_tensor_set_requires_grad(get(), required)); return *this; }
    bool is_recorded() const { bool value = false; check(tw_tensor_requires_grad(get(), &value)); return value; }
    bool is_leaf() const { bool value = false; check(tw_tensor_is_leaf(get(), &value)); return value; }
    bool has_grad() const { bool value = false; check(tw_tensor_has_grad(get(), &value)); return value; }
    Tensor grad() const { return has_grad() ? Tensor(tw_tensor_grad(nullptr, get())) : Tensor(); }
    void set_grad(const Tensor &gradient) { check(tw_tensor_set_grad(get(), gradient.get())); }
    void zero_grad() { check(tw_tensor_zero_grad(get())); }
    void backward() const { check(tw_backward(nullptr, get())); }
    void backward(const tw_grad_options &options) const { check(tw_backward_with(nullptr, get(), &options)); }
    Tensor detach() const { return Tensor(tw_detach(nullptr, get())); }

    Tensor reshape(const Shape &s) const { return Tensor(tw_reshape(nullptr, get(), s.data(), static_cast<int64_t>(s.size()))); }
    Tensor transpose(int64_t a = -1, int64_t b = -2) const { return Tensor(tw_transpose(nullptr, get(), a, b)); }
    Tensor permute(const Shape &a) const { return Tensor(tw_permute(nullptr, get(), a.data(), static_cast<int64_t>(a.size()))); }
    Tensor broadcast_to(const Shape &s) const { return Tensor(tw_broadcast_to(nullptr, get(), s.data(), static_cast<int64_t>(s.size()))); }
    Tensor slice(int64_t axis, int64_t start, int64_t stop = INT64_MAX, int64_t step = 1) const {
        return Tensor(tw_slice(nullptr, get(), axis, start, stop, step));
    }
    Tensor select(int64_t axis, int64_t index) const { return Tensor(tw_select(nullptr, get(), axis, index)); }
    Tensor expand_dims(int64_t axis) const { return Tensor(tw_expand_dims(nullptr, get(), axis)); }
    Tensor squeeze(int64_t axis) const { return Tensor(tw_squeeze(nullptr, get(), axis)); }
    Tensor cast(tw_dtype dtype) const { return Tensor(tw_cast(nullptr, get(), dtype)); }
    Tensor contiguous() const { return Tensor(tw_contiguous(nullptr, get())); }
    Tensor index_select(int64_t axis, const Tensor &indices) const { return Tensor(tw_index_select(nullptr, get(), axis, indices.get())); }
    Tensor gather(int64_t axis, const Tensor &indices) const { return Tensor(tw_gather(nullptr, get(), axis, indices.get())); }

  private:
    std::shared_ptr<tw_tensor> handle_;
};

inline std::ostream &operator<<(std::ostream &out, const Tensor &tensor) { return out << tensor.to_string(); }

/* ---- Making ---------------------------------------------------------------- */

namespace detail {
inline int64_t rank_of(const Shape &shape) { return static_cast<int64_t>(shape.size()); }
inline tw_generator *get(const Generator *generator) { return generator ? generator->get() : nullptr; }
}  // namespace detail

inline Tensor zeros(const Shape &s, tw_dtype dtype = TW_FLOAT32) { return Tensor(tw_zeros(nullptr, s.data(), detail::rank_of(s), dtype)); }
inline Tensor ones(const Shape &s, tw_dtype dtype = TW_FLOAT32) { return Tensor(tw_ones(nullptr, s.data(), detail::rank_of(s), dtype)); }
inline Tensor full(const Shape &s, double value, tw_dtype dtype = TW_FLOAT32) { return Tensor(tw_full(nullptr, s.data(), detail::rank_of(s), value, dtype)); }
inline Tensor arange(double start, double stop, double step = 1, tw_dtype dtype = TW_INT64) { return Tensor(tw_arange(nullptr, start, stop, step, dtype)); }
inline Tensor linspace(double start, double stop, int64_t count, tw_dtype dtype = TW_FLOAT64) { return Tensor(tw_linspace(nullptr, start, stop, count, dtype)); }
inline Tensor eye(int64_t rows, int64_t columns, tw_dtype dtype = TW_FLOAT32) { return Tensor(tw_eye(nullptr, rows, columns, dtype)); }
inline Tensor copy(const Tensor &x) { return Tensor(tw_copy(nullptr, x.get())); }
inline Tensor random_normal(const Shape &s, const Generator *g = nullptr, double mean = 0, double standard_deviation = 1, tw_dtype dtype = TW_FLOAT32) {
    return Tensor(tw_random_normal(nullptr, detail::get(g), s.data(), detail::rank_of(s), mean, standard_deviation, dtype));
}
inline Tensor random_uniform(const Shape &s, const Generator *g = nullptr, double low = 0, double high = 1, tw_dtype dtype = TW_FLOAT32) {
    return Tensor(tw_random_uniform(nullptr, detail::get(g), s.data(), detail::rank_of(s), low, high, dtype));
}
inline Tensor random_permutation(int64_t count, const Generator *g = nullptr) { return Tensor(tw_random_permutation(nullptr, detail::get(g), count)); }
/** Over the caller's memory, which outlives all tensors made from it. */
template <typename T> Tensor borrow(T *data, const Shape &s) {
    return Tensor(tw_tensor_borrow(nullptr, data, detail::dtype_of<T>::value, s.data(), nullptr, detail::rank_of(s), nullptr, nullptr));
}

/* ---- Operations: those of ops.h and loss.h by their names --------------------- */

#define TALWEG_UNARY(name) \
    inline Tensor name(const Tensor &x) { return Tensor(tw_##name(nullptr, x.get())); }
#define TALWEG_BINARY(name) \
    inline Tensor name(const Tensor &a, const Tensor &b) { return Tensor(tw_##name(nullptr, a.get(), b.get())); }
#define TALWEG_REDUCTION(name)                                                                     \
    inline Tensor name(const Tensor &x) { return Tensor(tw_##name(nullptr, x.get(), nullptr, 0, false)); } \
    inline Tensor name(const Tensor &x, const Shape &axes, bool keepdims = false) {                \
        return Tensor(tw_##name(nullptr, x.get(), axes.data(), detail::rank_of(axes), keepdims));  \
    }

TALWEG_BINARY(add) TALWEG_BINARY(subtract) TALWEG_BINARY(multiply) TALWEG_BINARY(divide) TALWEG_BINARY(floor_divide)
TALWEG_BINARY(remainder) TALWEG_BINARY(power) TALWEG_BINARY(maximum) TALWEG_BINARY(minimum) TALWEG_BINARY(atan2)
TALWEG_BINARY(hypot) TALWEG_BINARY(logaddexp) TALWEG_BINARY(copysign)
TALWEG_BINARY(equal) TALWEG_BINARY(not_equal) TALWEG_BINARY(less) TALWEG_BINARY(less_equal) TALWEG_BINARY(greater)
TALWEG_BINARY(greater_equal) TALWEG_BINARY(logical_and) TALWEG_BINARY(logical_or) TALWEG_BINARY(logical_xor)
TALWEG_BINARY(embedding) TALWEG_BINARY(matmul) TALWEG_BINARY(mse_loss) TALWEG_BINARY(cross_entropy_loss)

TALWEG_UNARY(logical_not) TALWEG_UNARY(negative) TALWEG_UNARY(absolute) TALWEG_UNARY(sign) TALWEG_UNARY(square)
TALWEG_UNARY(sqrt) TALWEG_UNARY(rsqrt) TALWEG_UNARY(reciprocal) TALWEG_UNARY(exp) TALWEG_UNARY(expm1) TALWEG_UNARY(log)
TALWEG_UNARY(log1p) TALWEG_UNARY(log2) TALWEG_UNARY(log10) TALWEG_UNARY(sin) TALWEG_UNARY(cos) TALWEG_UNARY(tan)
TALWEG_UNARY(asin) TALWEG_UNARY(acos) TALWEG_UNARY(atan) TALWEG_UNARY(sinh) TALWEG_UNARY(cosh) TALWEG_UNARY(tanh)
TALWEG_UNARY(asinh) TALWEG_UNARY(acosh) TALWEG_UNARY(atanh)
TALWEG_UNARY(sigmoid) TALWEG_UNARY(softplus) TALWEG_UNARY(erf) TALWEG_UNARY(relu) TALWEG_UNARY(gelu) TALWEG_UNARY(gelu_tanh)
TALWEG_UNARY(silu) TALWEG_UNARY(floor)
TALWEG_UNARY(ceil) TALWEG_UNARY(round) TALWEG_UNARY(trunc) TALWEG_UNARY(isnan) TALWEG_UNARY(isinf) TALWEG_UNARY(isfinite)

TALWEG_REDUCTION(sum) TALWEG_REDUCTION(mean) TALWEG_REDUCTION(prod) TALWEG_REDUCTION(max) TALWEG_REDUCTION(min)
TALWEG_REDUCTION(logsumexp) TALWEG_REDUCTION(norm) TALWEG_REDUCTION(any) TALWEG_REDUCTION(all)

#undef TALWEG_UNARY
#undef TALWEG_BINARY
#undef TALWEG_REDUCTION

inline Tensor var(const Tensor &x, double correction = 0) { return Tensor(tw_var(nullptr, x.get(), nullptr, 0, false, correction)); }
inline Tensor var(const Tensor &x, const Shape &axes, bool keepdims = false, double correction = 0) {
    return Tensor(tw_var(nullptr, x.get(), axes.data(), detail::rank_of(axes), keepdims, correction));
}
inline Tensor argmax(const Tensor &x, int64_t axis, bool keepdims = false) { return Tensor(tw_argmax(nullptr, x.get(), axis, keepdims)); }
inline Tensor argmin(const Tensor &x, int64_t axis, bool keepdims = false) { return Tensor(tw_argmin(nullptr, x.get(), axis, keepdims)); }
inline Tensor flip(const Tensor &x) { return Tensor(tw_flip(nullptr, x.get(), nullptr, 0)); }
inline Tensor flip(const Tensor &x, const Shape &axes) { return Tensor(tw_flip(nullptr, x.get(), axes.data(), detail::rank_of(axes))); }
inline Tensor roll(const Tensor &x, int64_t shift) { return Tensor(tw_roll(nullptr, x.get(), &shift, nullptr, 1)); }
inline Tensor roll(const Tensor &x, int64_t shift, int64_t axis) { return Tensor(tw_roll(nullptr, x.get(), &shift, &axis, 1)); }
inline Tensor move_axis(const Tensor &x, int64_t source, int64_t destination) { return Tensor(tw_move_axis(nullptr, x.get(), source, destination)); }
inline Tensor repeat(const Tensor &x, int64_t repeats, int64_t axis) { return Tensor(tw_repeat(nullptr, x.get(), repeats, axis)); }
inline Tensor repeat(const Tensor &x, const Tensor &repeats, int64_t axis) { return Tensor(tw_repeat_each(nullptr, x.get(), repeats.get(), axis)); }
inline Tensor tile(const Tensor &x, const Shape &repetitions) { return Tensor(tw_tile(nullptr, x.get(), repetitions.data(), detail::rank_of(repetitions))); }
inline Tensor tril(const Tensor &x, int64_t k = 0) { return Tensor(tw_tril(nullptr, x.get(), k)); }
inline Tensor triu(const Tensor &x, int64_t k = 0) { return Tensor(tw_triu(nullptr, x.get(), k)); }
inline Tensor cumulative_sum(const Tensor &x, int64_t axis, bool include_initial = false) { return Tensor(tw_cumulative_sum(nullptr, x.get(), axis, include_initial)); }
inline Tensor cumulative_prod(const Tensor &x, int64_t axis, bool include_initial = false) { return Tensor(tw_cumulative_prod(nullptr, x.get(), axis, include_initial)); }
inline Tensor diff(const Tensor &x, int64_t axis = -1, int64_t n = 1) { return Tensor(tw_diff(nullptr, x.get(), axis, n)); }
inline Tensor sort(const Tensor &x, int64_t axis = -1, bool descending = false) { return Tensor(tw_sort(nullptr, x.get(), axis, descending)); }
inline Tensor argsort(const Tensor &x, int64_t axis = -1, bool descending = false) { return Tensor(tw_argsort(nullptr, x.get(), axis, descending)); }
inline Tensor where(const Tensor &condition, const Tensor &a, const Tensor &b) { return Tensor(tw_where(nullptr, condition.get(), a.get(), b.get())); }
inline Tensor softmax(const Tensor &x, int64_t axis) { return Tensor(tw_softmax(nullptr, x.get(), axis)); }
inline Tensor log_softmax(const Tensor &x, int64_t axis) { return Tensor(tw_log_softmax(nullptr, x.get(), axis)); }
inline Tensor dropout(const Tensor &x, double p, const Generator *g = nullptr) { return Tensor(tw_dropout(nullptr, detail::get(g), x.get(), p)); }
inline Tensor linear(const Tensor &x, const Tensor &weight, const Tensor &bias = {}) { return Tensor(tw_linear(nullptr, x.get(), weight.get(), bias.get())); }
inline Tensor conv1d(const Tensor &x, const Tensor &weight, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv1d(nullptr, x.get(), weight.get(), nullptr, &options));
}
inline Tensor conv1d(const Tensor &x, const Tensor &weight, const Tensor &bias, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv1d(nullptr, x.get(), weight.get(), bias.get(), &options));
}
inline Tensor conv2d(const Tensor &x, const Tensor &weight, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv2d(nullptr, x.get(), weight.get(), nullptr, &options));
}
inline Tensor conv2d(const Tensor &x, const Tensor &weight, const Tensor &bias, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv2d(nullptr, x.get(), weight.get(), bias.get(), &options));
}
inline Tensor conv_transpose1d(const Tensor &x, const Tensor &weight, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv_transpose1d(nullptr, x.get(), weight.get(), nullptr, &options));
}
inline Tensor conv_transpose1d(const Tensor &x, const Tensor &weight, const Tensor &bias, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv_transpose1d(nullptr, x.get(), weight.get(), bias.get(), &options));
}
inline Tensor conv_transpose2d(const Tensor &x, const Tensor &weight, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv_transpose2d(nullptr, x.get(), weight.get(), nullptr, &options));
}
inline Tensor conv_transpose2d(const Tensor &x, const Tensor &weight, const Tensor &bias, const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return Tensor(tw_conv_transpose2d(nullptr, x.get(), weight.get(), bias.get(), &options));
}
inline Tensor max_pool1d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return Tensor(tw_max_pool1d(nullptr, x.get(), &options));
}
inline Tensor max_pool2d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return Tensor(tw_max_pool2d(nullptr, x.get(), &options));
}
inline Tensor avg_pool1d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return Tensor(tw_avg_pool1d(nullptr, x.get(), &options));
}
inline Tensor avg_pool2d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return Tensor(tw_avg_pool2d(nullptr, x.get(), &options));
}
inline Tensor leaky_relu(const Tensor &x, double slope = 0.01) { return Tensor(tw_leaky_relu(nullptr, x.get(), slope)); }
inline Tensor elu(const Tensor &x, double alpha = 1) { return Tensor(tw_elu(nullptr, x.get(), alpha)); }
inline Tensor cross_entropy_loss(const Tensor &logits, const Tensor &labels, const tw_cross_entropy_options &options) {
    return Tensor(tw_cross_entropy_loss_with(nullptr, logits.get(), labels.get(), &options));
}
inline Tensor layer_norm(const Tensor &x, const Tensor &weight = {}, const Tensor &bias = {}, double epsilon = 1e-5) {
    return Tensor(tw_layer_norm(nullptr, x.get(), weight.get(), bias.get(), epsilon));
}
inline Tensor add_layer_norm(const Tensor &x, const Tensor &residual, const Tensor &weight = {}, const Tensor &bias = {}, double epsilon = 1e-5) {
    return Tensor(tw_add_layer_norm(nullptr, x.get(), residual.get(), weight.get(), bias.get(), epsilon));
}
inline Tensor rms_norm(const Tensor &x, const Tensor &weight = {}, double epsilon = 1e-5) {
    return Tensor(tw_rms_norm(nullptr, x.get(), weight.get(), epsilon));
}
inline Tensor batch_norm(const Tensor &x, const Tensor &weight = {}, const Tensor &bias = {}, const Tensor &running_mean = {}, const Tensor &running_variance = {}, const tw_batch_norm_options &options = TW_BATCH_NORM_OPTIONS_INIT) {
    return Tensor(tw_batch_norm(nullptr, x.get(), weight.get(), bias.get(), running_mean.get(), running_variance.get(), &options));
}
inline Tensor attention(const Tensor &q, const Tensor &k, const Tensor &v, const tw_attention_options &options = TW_ATTENTION_OPTIONS_INIT) {
    return Tensor(tw_attention(nullptr, q.get(), k.get(), v.get(), &options));
}
/** The states, and through last_hidden and last_cells, where they are not null, those after the last step. */
inline Tensor lstm(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h0 = {}, const Tensor &c0 = {}, bool batch_first = false, Tensor *last_hidden = nullptr, Tensor *last_cells = nullptr) {
    tw_tensor *h = nullptr, *c = nullptr;
    Tensor states(tw_lstm(nullptr, x.get(), h0.get(), c0.get(), &weights, batch_first, last_hidden ? &h : nullptr, last_cells ? &c : nullptr));
    if (last_hidden) *last_hidden = Tensor(h);
    if (last_cells) *last_cells = Tensor(c);
    return states;
}
inline Tensor gru(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h0 = {}, bool batch_first = false, Tensor *last_hidden = nullptr) {
    tw_tensor *h = nullptr;
    Tensor states(tw_gru(nullptr, x.get(), h0.get(), &weights, batch_first, last_hidden ? &h : nullptr));
    if (last_hidden) *last_hidden = Tensor(h);
    return states;
}
inline Tensor lstm_cell(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h, const Tensor &c, Tensor *cells) {
    tw_tensor *after = nullptr;
    Tensor hidden(tw_lstm_cell(nullptr, x.get(), h.get(), c.get(), &weights, cells ? &after : nullptr));
    if (cells) *cells = Tensor(after);
    return hidden;
}
inline Tensor gru_cell(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h = {}) { return Tensor(tw_gru_cell(nullptr, x.get(), h.get(), &weights)); }
inline Tensor self_attention(const Tensor &projection, int64_t heads, int64_t key_heads, const tw_attention_options &options = TW_ATTENTION_OPTIONS_INIT) {
    return Tensor(tw_self_attention(nullptr, projection.get(), heads, key_heads, &options));
}
inline Tensor linear(const Tensor &x, const Tensor &weight, const Tensor &bias, tw_activation activation) {
    return Tensor(tw_linear_activation(nullptr, x.get(), weight.get(), bias.get(), activation));
}

namespace detail {
inline std::vector<const tw_tensor *> handles(const std::vector<Tensor> &tensors) {
    std::vector<const tw_tensor *> result;
    for (const Tensor &t : tensors) result.push_back(t.get());
    return result;
}
}  // namespace detail

inline Tensor concatenate(const std::vector<Tensor> &tensors, int64_t axis = 0) {
    auto handles = detail::handles(tensors);
    return Tensor(tw_concatenate(nullptr, handles.data(), static_cast<int64_t>(handles.size()), axis));
}
inline Tensor stack(const std::vector<Tensor> &tensors, int64_t axis = 0) {
    auto handles = detail::handles(tensors);
    return Tensor(tw_stack(nullptr, handles.data(), static_cast<int64_t>(handles.size()), axis));
}

inline Tensor operator+(const Tensor &a, const Tensor &b) { return add(a, b); }
inline Tensor operator-(const Tensor &a, const Tensor &b) { return subtract(a, b); }
inline Tensor operator*(const Tensor &a, const Tensor &b) { return multiply(a, b); }
inline Tensor operator/(const Tensor &a, const Tensor &b) { return divide(a, b); }
inline Tensor operator-(const Tensor &a) { return negative(a); }
/* With a number the tensor keeps its dtype. */
inline Tensor operator+(const Tensor &a, double b) { return Tensor(tw_add_scalar(nullptr, a.get(), b)); }
inline Tensor operator-(const Tensor &a, double b) { return Tensor(tw_subtract_scalar(nullptr, a.get(), b)); }
inline Tensor operator*(const Tensor &a, double b) { return Tensor(tw_multiply_scalar(nullptr, a.get(), b)); }
inline Tensor operator/(const Tensor &a, double b) { return Tensor(tw_divide_scalar(nullptr, a.get(), b)); }
inline Tensor operator+(double a, const Tensor &b) { return b + a; }
inline Tensor operator*(double a, const Tensor &b) { return b * a; }
inline Tensor operator-(double a, const Tensor &b) { return negative(b) + a; }
inline Tensor power(const Tensor &a, double b) { return Tensor(tw_power_scalar(nullptr, a.get(), b)); }

/** The gradients of `output` by each of `inputs`. */
inline std::vector<Tensor> grad(const Tensor &output, const std::vector<Tensor> &inputs, const tw_grad_options &options = TW_GRAD_OPTIONS_INIT) {
    auto handles = detail::handles(inputs);
    std::vector<tw_tensor *> gradients(inputs.size(), nullptr);
    check(tw_grad(nullptr, output.get(), handles.data(), static_cast<int64_t>(handles.size()), &options, gradients.data()));
    std::vector<Tensor> result;
    for (tw_tensor *g : gradients) result.emplace_back(g);
    return result;
}

/** While it lives, operations of this thread are not recorded. */
class NoGrad {
  public:
    NoGrad() : before_(tw_set_grad_enabled(false)) {}
    ~NoGrad() { tw_set_grad_enabled(before_); }
    NoGrad(const NoGrad &) = delete;
    NoGrad &operator=(const NoGrad &) = delete;

  private:
    bool before_;
};

/* ---- Least squares ------------------------------------------------------------- */

class LstsqResult {
  public:
    explicit LstsqResult(tw_lstsq_result *handle) : handle_(detail::own<tw_lstsq_result, tw_lstsq_result_free>(handle)) {}
    Tensor coefficients() const { return Tensor(tw_lstsq_result_coefficients(nullptr, get())); }
    Tensor intercept() const { return Tensor(tw_lstsq_result_intercept(nullptr, get())); }
    Tensor standard_errors() const { return Tensor(tw_lstsq_result_standard_errors(nullptr, get())); }
    Tensor intercept_standard_error() const { return Tensor(tw_lstsq_result_intercept_standard_error(nullptr, get())); }
    Tensor rss() const { return Tensor(tw_lstsq_result_rss(nullptr, get())); }
    Tensor r_squared() const { return Tensor(tw_lstsq_result_r_squared(nullptr, get())); }
    int64_t rank() const { int64_t v = 0; check(tw_lstsq_result_rank(get(), &v)); return v; }
    int64_t degrees_of_freedom() const { int64_t v = 0; check(tw_lstsq_result_degrees_of_freedom(get(), &v)); return v; }
    double condition() const { double v = 0; check(tw_lstsq_result_condition(get(), &v)); return v; }
    tw_stop_reason stop_reason() const { tw_stop_reason v = TW_STOP_CLOSED_FORM; check(tw_lstsq_result_stop_reason(get(), &v)); return v; }
    int64_t iterations() const { int64_t v = 0; check(tw_lstsq_result_iterations(get(), &v)); return v; }
    Tensor predict(const Tensor &X) const { return Tensor(tw_lstsq_result_predict(nullptr, get(), X.get())); }
    tw_lstsq_result *get() const noexcept { return handle_.get(); }

  private:
    std::shared_ptr<tw_lstsq_result> handle_;
};

inline LstsqResult lstsq(const Tensor &X, const Tensor &y, const tw_lstsq_options &options = TW_LSTSQ_OPTIONS_INIT) {
    tw_lstsq_result *handle = nullptr;
    check(tw_lstsq(X.get(), y.get(), &options, &handle));
    return LstsqResult(handle);
}

/* ---- Modules ---------------------------------------------------------------------- */

class Module {
  public:
    explicit Module(tw_module *handle) : handle_(detail::own<tw_module, tw_module_free>(handle)) {}
    tw_module *get() const noexcept { return handle_.get(); }

    Tensor operator()(const Tensor &x) const { return Tensor(tw_module_forward(nullptr, get(), x.get())); }
    /** In evaluation mode, without the tape, in batches (0: all at once). */
    Tensor predict(const Tensor &x, int64_t batch_size = 0) const { return Tensor(tw_predict(nullptr, get(), x.get(), batch_size)); }
    void train(bool training = true) { check(tw_module_set_training(get(), training)); }
    void eval() { train(false); }
    bool is_training() const { bool v = false; check(tw_module_is_training(get(), &v)); return v; }
    int64_t parameter_count() const { int64_t v = 0; check(tw_module_parameter_count(get(), &v)); return v; }
    int64_t parameter_size() const { int64_t v = 0; check(tw_module_parameter_size(get(), &v)); return v; }
    Tensor parameter(int64_t index) const { return Tensor(tw_module_parameter(nullptr, get(), index)); }
    Tensor parameter(const std::string &path) const { return Tensor(tw_module_parameter_named(nullptr, get(), path.c_str())); }
    std::string parameter_name(int64_t index) const {
        return detail::text([&](char *t, size_t c, size_t *n) { return tw_module_parameter_name(get(), index, t, c, n); });
    }
    void set_parameter(const std::string &name, const Tensor &parameter) { check(tw_module_set_parameter(get(), name.c_str(), parameter.get())); }
    void set_child(const std::string &name, const Module &child) { check(tw_module_set_child(get(), name.c_str(), child.get())); }
    void remove(const std::string &name) { check(tw_module_remove(get(), name.c_str())); }
    /** Of a sequential. */
    void append(const Module &child) { check(tw_sequential_append(get(), child.get())); }
    void zero_grad() { check(tw_module_zero_grad(get())); }
    std::string to_string() const {
        return detail::text([this](char *t, size_t c, size_t *n) { return tw_module_to_string(get(), t, c, n); });
    }
    void save(const std::string &path) const { check(tw_module_save(get(), path.c_str())); }
    void load(const std::string &path) { check(tw_module_load(get(), path.c_str())); }

  private:
    std::shared_ptr<tw_module> handle_;
};

inline std::ostream &operator<<(std::ostream &out, const Module &module) { return out << module.to_string(); }

namespace detail {
template <typename Make> Module module(Make make) {
    tw_module *handle = nullptr;
    check(make(&handle));
    return Module(handle);
}
}  // namespace detail

inline Module Linear(int64_t inputs, int64_t outputs, const tw_linear_options &options = TW_LINEAR_OPTIONS_INIT) {
    return detail::module([&](tw_module **m) { return tw_linear_new(inputs, outputs, &options, m); });
}
inline Module ReLU() { return detail::module([](tw_module **m) { return tw_relu_new(m); }); }
inline Module Tanh() { return detail::module([](tw_module **m) { return tw_tanh_new(m); }); }
inline Module Sigmoid() { return detail::module([](tw_module **m) { return tw_sigmoid_new(m); }); }
inline Module GELU() { return detail::module([](tw_module **m) { return tw_gelu_new(m); }); }
inline Module Softmax(int64_t axis = -1) { return detail::module([&](tw_module **m) { return tw_softmax_new(axis, m); }); }
inline Module Dropout(double p, uint64_t seed = 0) { return detail::module([&](tw_module **m) { return tw_dropout_new(p, seed, m); }); }
inline Module Sequential(const std::vector<Module> &modules) {
    std::vector<tw_module *> handles;
    for (const Module &m : modules) handles.push_back(m.get());
    return detail::module([&](tw_module **m) { return tw_sequential_new(handles.data(), static_cast<int64_t>(handles.size()), m); });
}
/** A module whose forward pass is a function. If it throws, the forward pass fails with
    TW_ERROR_CANCELLED, or with the error of the operation that threw. */
inline Module Function(std::function<Tensor(const Tensor &)> forward) {
    using Forward = std::function<Tensor(const Tensor &)>;
    auto call = [](void *context, tw_scope *scope, tw_tensor *input, tw_tensor **output) -> int {
        try {
            Tensor result = (*static_cast<Forward *>(context))(Tensor::unowned(input));
            *output = tw_contiguous(scope, result.get()); // the scope's own name of it
            return *output == nullptr;
        } catch (...) {
            return 1;
        }
    };
    auto destroy = [](void *context) { delete static_cast<Forward *>(context); };
    auto context = std::make_unique<Forward>(std::move(forward));
    Module module = detail::module([&](tw_module **m) { return tw_callback_module_new(call, context.get(), destroy, m); });
    context.release();
    return module;
}

inline Tensor l1_penalty(const Module &module) { return Tensor(tw_l1_penalty(nullptr, module.get())); }
inline Tensor l2_penalty(const Module &module) { return Tensor(tw_l2_penalty(nullptr, module.get())); }

/* ---- Optimizers ---------------------------------------------------------------------- */

class Optimizer {
  public:
    explicit Optimizer(tw_optimizer *handle) : handle_(detail::own<tw_optimizer, tw_optimizer_free>(handle)) {}
    tw_optimizer *get() const noexcept { return handle_.get(); }
    Optimizer &add(const Tensor &parameter) { check(tw_optimizer_add(get(), parameter.get())); return *this; }
    Optimizer &add(const Module &module) { check(tw_optimizer_add_module(get(), module.get())); return *this; }
    void zero_grad() { check(tw_optimizer_zero_grad(get())); }
    void step() { check(tw_optimizer_step(get())); }
    double learning_rate() const { double v = 0; check(tw_optimizer_learning_rate(get(), &v)); return v; }
    void set_learning_rate(double rate) { check(tw_optimizer_set_learning_rate(get(), rate)); }

  private:
    std::shared_ptr<tw_optimizer> handle_;
};

namespace detail {
template <typename Options> Optimizer optimizer(tw_status (*make)(const Options *, tw_optimizer **), const Options &options) {
    tw_optimizer *handle = nullptr;
    check(make(&options, &handle));
    return Optimizer(handle);
}
}  // namespace detail

inline Optimizer SGD(const tw_sgd_options &options = TW_SGD_OPTIONS_INIT) { return detail::optimizer(tw_sgd_new, options); }
inline Optimizer RMSProp(const tw_rmsprop_options &options = TW_RMSPROP_OPTIONS_INIT) { return detail::optimizer(tw_rmsprop_new, options); }
inline Optimizer Adam(const tw_adam_options &options = TW_ADAM_OPTIONS_INIT) { return detail::optimizer(tw_adam_new, options); }
inline Optimizer AdamW(const tw_adam_options &options = TW_ADAMW_OPTIONS_INIT) { return detail::optimizer(tw_adamw_new, options); }

/* ---- Data and training ------------------------------------------------------------------ */

struct Batch {
    Tensor x, y; /* y is empty if the loader has no targets */
};

class Loader {
  public:
    explicit Loader(const Tensor &inputs, const Tensor &targets = {}, const tw_loader_options &options = TW_LOADER_OPTIONS_INIT) {
        tw_loader *handle = nullptr;
        check(tw_loader_new(inputs.get(), targets.get(), &options, &handle));
        handle_ = detail::own<tw_loader, tw_loader_free>(handle);
    }
    tw_loader *get() const noexcept { return handle_.get(); }
    int64_t batches() const { int64_t v = 0; check(tw_loader_batches(get(), &v)); return v; }
    /** The next batch; false at the end of an epoch. */
    bool next(Batch &batch) {
        tw_tensor *x = nullptr, *y = nullptr;
        bool more = false;
        check(tw_loader_next(nullptr, get(), &x, &y, &more));
        batch.x = x ? Tensor(x) : Tensor();
        batch.y = y ? Tensor(y) : Tensor();
        return more;
    }
    void set_epoch(int64_t epoch) { check(tw_loader_set_epoch(get(), epoch)); }

  private:
    std::shared_ptr<tw_loader> handle_;
};

class History {
  public:
    explicit History(tw_history *handle) : handle_(detail::own<tw_history, tw_history_free>(handle)) {}
    tw_history *get() const noexcept { return handle_.get(); }
    int64_t epochs() const { int64_t v = 0; check(tw_history_epochs(get(), &v)); return v; }
    double value(tw_metric metric, int64_t epoch) const { double v = 0; check(tw_history_value(get(), metric, epoch, &v)); return v; }
    std::vector<double> values(tw_metric metric) const {
        std::vector<double> result;
        for (int64_t i = 0, n = epochs(); i < n; ++i) result.push_back(value(metric, i));
        return result;
    }
    int64_t best_epoch() const { int64_t v = 0; check(tw_history_best_epoch(get(), &v)); return v; }
    tw_fit_stop stop() const { tw_fit_stop v = TW_FIT_STOP_EPOCHS; check(tw_history_stop(get(), &v)); return v; }

  private:
    std::shared_ptr<tw_history> handle_;
};

/** A fit that its callback cancels throws Error with TW_ERROR_CANCELLED. */
inline History fit(const Module &module, const Optimizer &optimizer, const Tensor &inputs, const Tensor &targets, const tw_fit_options &options = TW_FIT_OPTIONS_INIT) {
    tw_history *handle = nullptr;
    tw_status status = tw_fit(module.get(), optimizer.get(), inputs.get(), targets.get(), &options, &handle);
    if (status != TW_OK) {
        Error error(status, tw_last_message());
        tw_history_free(handle);
        throw error;
    }
    return History(handle);
}

/* ---- Files ------------------------------------------------------------------------------- */

class Safetensors {
  public:
    explicit Safetensors(const std::string &path) {
        tw_safetensors *handle = nullptr;
        check(tw_safetensors_open(path.c_str(), &handle));
        handle_ = detail::own<tw_safetensors, tw_safetensors_free>(handle);
    }
    tw_safetensors *get() const noexcept { return handle_.get(); }
    std::vector<std::string> names() const {
        int64_t count = 0;
        check(tw_safetensors_count(get(), &count));
        std::vector<std::string> result;
        for (int64_t i = 0; i < count; ++i)
            result.push_back(detail::text([&](char *t, size_t c, size_t *n) { return tw_safetensors_name(get(), i, t, c, n); }));
        return result;
    }
    Tensor operator[](const std::string &name) const { return Tensor(tw_safetensors_tensor(nullptr, get(), name.c_str())); }

  private:
    std::shared_ptr<tw_safetensors> handle_;
};

inline void save_safetensors(const std::string &path, const std::vector<std::pair<std::string, Tensor>> &tensors) {
    std::vector<const char *> names;
    std::vector<const tw_tensor *> handles;
    for (const auto &entry : tensors) {
        names.push_back(entry.first.c_str());
        handles.push_back(entry.second.get());
    }
    check(tw_safetensors_save(path.c_str(), names.data(), handles.data(), static_cast<int64_t>(names.size())));
}

inline Tensor read_csv(const std::string &path, const tw_csv_options &options = TW_CSV_OPTIONS_INIT) { return Tensor(tw_csv_read(nullptr, path.c_str(), &options)); }
inline void write_csv(const std::string &path, const Tensor &tensor, const tw_csv_options &options = TW_CSV_OPTIONS_INIT) { check(tw_csv_write(path.c_str(), tensor.get(), &options)); }

}  // namespace talweg

#endif
