/**
 * @file tensor.hpp
 * Making tensors, looking into them.
 */
#ifndef TALWEG_TENSOR_HPP
#define TALWEG_TENSOR_HPP

#include "base.hpp"

#include <initializer_list>
#include <ostream>
#include <type_traits>

namespace talweg {

class Generator;
class Tensor;
using Tensors = std::vector<Tensor>;

/* ---- How the wrapper calls -------------------------------------------------- */

namespace detail {

/* What the C interface gets for an argument: of an object its handle, else the value itself. */
inline tw_tensor *raw(const Tensor &tensor);
inline tw_generator *raw(const Generator *generator);
template <typename T> T raw(const T &value) { return value; }

/* And of sizes and the like these two. No axes are not all axes, which NULL would be. */
template <typename T> const T *data(const std::vector<T> &values) {
    static const T none{};
    return values.empty() ? &none : values.data();
}
template <typename T> int64_t size(const std::vector<T> &values) { return static_cast<int64_t>(values.size()); }

/** The tensor that a function makes, owned by the caller: make(tw_add, a, b). */
template <typename... P, typename... A>
Tensor make(tw_tensor *(*function)(tw_scope *, P...), const A &...arguments);

/** Calls a function that gives a status, and throws if it failed. */
template <typename... P, typename... A> void call(tw_status (*function)(P...), const A &...arguments) {
    check(function(raw(arguments)...));
}

/** The object over the handle that a function of the form (.., Handle **) gives:
    made<Loader, tw_loader>(tw_loader_new, x, y, &options). */
template <typename Object, typename Handle, typename... P, typename... A>
Object made(tw_status (*function)(P...), const A &...arguments) {
    Handle *handle = nullptr;
    call(function, arguments..., &handle);
    return Object(handle);
}

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

}  // namespace detail

/* ---- Generators and tensors -------------------------------------------------- */

/** A seeded source of random numbers. Functions take a pointer to one; null: the process's. */
class Generator {
  public:
    explicit Generator(uint64_t seed) {
        tw_generator *handle = nullptr;
        check(tw_generator_new(seed, &handle));
        handle_ = detail::own<tw_generator, tw_generator_free>(handle);
    }
    tw_generator *get() const noexcept { return handle_.get(); }
    /** Seed and position. */
    std::pair<uint64_t, uint64_t> state() const {
        std::pair<uint64_t, uint64_t> result;
        check(tw_generator_state(get(), &result.first, &result.second));
        return result;
    }
    void set_state(uint64_t seed, uint64_t position) { check(tw_generator_set_state(get(), seed, position)); }

  private:
    std::shared_ptr<tw_generator> handle_;
};

/** An n-dimensional array of one element type, or a further name of one. */
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
    Tensor(std::initializer_list<double> values) : Tensor(std::vector<double>(values)) {}
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

    Tensor(const Tensor &) = default;
    Tensor(Tensor &&) = default;
    // Only of names: x(0) = y would be lost, and so does not compile. See index_assign.
    Tensor &operator=(const Tensor &) & = default;
    Tensor &operator=(Tensor &&) & = default;

    tw_tensor *get() const noexcept { return handle_.get(); }
    /** Whether there is a tensor, whatever its elements. */
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    tw_dtype dtype() const { return detail::read<tw_tensor>(tw_tensor_dtype, get()); }
    int64_t rank() const { return detail::read<tw_tensor>(tw_tensor_rank, get()); }
    int64_t count() const { return detail::read<tw_tensor>(tw_tensor_count, get()); }
    int64_t size(int64_t axis) const {
        int64_t value = 0;
        check(tw_tensor_size(get(), axis, &value));
        return value;
    }
    Shape shape() const { return per_axis(tw_tensor_shape); }
    /** In elements. */
    Shape strides() const { return per_axis(tw_tensor_strides); }

    double item() const { return detail::read<tw_tensor>(tw_tensor_item, get()); }
    int64_t item_int64() const { return detail::read<tw_tensor>(tw_tensor_item_int64, get()); }
    uint64_t item_uint64() const { return detail::read<tw_tensor>(tw_tensor_item_uint64, get()); }
    /** The elements, converted to double. */
    std::vector<double> to_vector() const {
        std::vector<double> values(static_cast<size_t>(count()));
        if (!values.empty()) check(tw_tensor_to_double(get(), values.data(), static_cast<int64_t>(values.size())));
        return values;
    }
    /** The elements, of just this type, else TW_ERROR_DTYPE. */
    template <typename T> std::vector<T> values() const {
        expect<T>("values");
        std::vector<T> result(static_cast<size_t>(count()));
        if (!result.empty()) check(tw_tensor_copy_to(get(), result.data(), result.size() * sizeof(T)));
        return result;
    }
    const void *data() const { return detail::read<tw_tensor>(tw_tensor_data, get()); }
    void *mutable_data() {
        void *address = nullptr;
        check(tw_tensor_mutable_data(get(), &address));
        return address;
    }
    void assign(const Tensor &source) { check(tw_tensor_assign(get(), source.get())); }
    /** Throws TW_ERROR_DTYPE, in the name of a function, unless the elements are T. */
    template <typename T> void expect(const char *function) const {
        if (dtype() != detail::dtype_of<T>::value)
            throw Error(TW_ERROR_DTYPE, std::string(function) + ": the tensor is " + tw_dtype_name(dtype()) +
                                            ", not " + tw_dtype_name(detail::dtype_of<T>::value));
    }
    std::string to_string() const {
        return detail::text([this](char *t, size_t c, size_t *n) { return tw_tensor_to_string(get(), t, c, n); });
    }
    std::string to_literal(int64_t prefix_length = 0) const {
        return detail::text([&](char *t, size_t c, size_t *n) {
            return tw_tensor_to_literal(get(), prefix_length, t, c, n);
        });
    }

    /** Makes it a leaf whose gradient is wanted; gives itself. */
    Tensor &requires_grad(bool required = true) {
        check(tw_tensor_set_requires_grad(get(), required));
        return *this;
    }
    bool is_recorded() const { return detail::read<tw_tensor>(tw_tensor_requires_grad, get()); }
    bool is_leaf() const { return detail::read<tw_tensor>(tw_tensor_is_leaf, get()); }
    bool has_grad() const { return detail::read<tw_tensor>(tw_tensor_has_grad, get()); }
    /** Empty if there is none. */
    Tensor grad() const { return has_grad() ? Tensor(tw_tensor_grad(nullptr, get())) : Tensor(); }
    void set_grad(const Tensor &gradient) { check(tw_tensor_set_grad(get(), gradient.get())); }
    void zero_grad() { check(tw_tensor_zero_grad(get())); }
    void backward() const { check(tw_backward(nullptr, get())); }
    void backward(const tw_grad_options &options) const { check(tw_backward_with(nullptr, get(), &options)); }
    Tensor detach() const { return detail::make(tw_detach, *this); }

    Tensor reshape(const Shape &shape) const {
        return detail::make(tw_reshape, *this, detail::data(shape), detail::size(shape));
    }
    Tensor transpose(int64_t a = -1, int64_t b = -2) const { return detail::make(tw_transpose, *this, a, b); }
    Tensor permute(const Shape &axes) const {
        return detail::make(tw_permute, *this, detail::data(axes), detail::size(axes));
    }
    Tensor broadcast_to(const Shape &shape) const {
        return detail::make(tw_broadcast_to, *this, detail::data(shape), detail::size(shape));
    }
    Tensor slice(int64_t axis, int64_t start, int64_t stop = INT64_MAX, int64_t step = 1) const {
        return detail::make(tw_slice, *this, axis, start, stop, step);
    }
    Tensor select(int64_t axis, int64_t index) const { return detail::make(tw_select, *this, axis, index); }
    Tensor expand_dims(int64_t axis) const { return detail::make(tw_expand_dims, *this, axis); }
    Tensor squeeze(int64_t axis) const { return detail::make(tw_squeeze, *this, axis); }
    Tensor cast(tw_dtype dtype) const { return detail::make(tw_cast, *this, dtype); }
    Tensor contiguous() const { return detail::make(tw_contiguous, *this); }
    Tensor index_select(int64_t axis, const Tensor &indices) const {
        return detail::make(tw_index_select, *this, axis, indices);
    }
    Tensor gather(int64_t axis, const Tensor &indices) const { return detail::make(tw_gather, *this, axis, indices); }
    /** x(0, Slice(1, 3), mask): see index.hpp, where it is defined. */
    template <typename... Keys> Tensor operator()(const Keys &...keys) const;

  private:
    Shape per_axis(tw_status (*function)(const tw_tensor *, int64_t *, int64_t)) const {
        Shape value(static_cast<size_t>(rank()));
        if (!value.empty()) check(function(get(), value.data(), static_cast<int64_t>(value.size())));
        return value;
    }

    std::shared_ptr<tw_tensor> handle_;
};

inline std::ostream &operator<<(std::ostream &out, const Tensor &tensor) { return out << tensor.to_string(); }

namespace detail {

inline tw_tensor *raw(const Tensor &tensor) { return tensor.get(); }
inline tw_generator *raw(const Generator *generator) { return generator ? generator->get() : nullptr; }

template <typename... P, typename... A>
Tensor make(tw_tensor *(*function)(tw_scope *, P...), const A &...arguments) {
    return Tensor(function(nullptr, raw(arguments)...));
}

/** Room for a tensor that a function gives besides its result; give it room(), then take it. */
class Out {
  public:
    Out() = default;
    Out(const Out &) = delete;
    Out &operator=(const Out &) = delete;
    ~Out() { tw_release(handle_); }
    tw_tensor **room() { return &handle_; }
    Tensor take() { return Tensor(std::exchange(handle_, nullptr)); }

  private:
    tw_tensor *handle_ = nullptr;
};

inline std::vector<const tw_tensor *> handles(const Tensors &tensors) {
    std::vector<const tw_tensor *> result;
    for (const Tensor &tensor : tensors) result.push_back(tensor.get());
    return result;
}

/** The tensors that a function gives a status for and writes to its last argument, `count` places. */
template <typename... P, typename... A>
Tensors several(size_t count, tw_status (*function)(tw_scope *, P...), const A &...arguments) {
    std::vector<tw_tensor *> room(count, nullptr);
    call(function, static_cast<tw_scope *>(nullptr), arguments..., room.data());
    Tensors result;
    result.reserve(count);
    for (tw_tensor *handle : room) result.emplace_back(handle);
    return result;
}

}  // namespace detail

/* ---- Making ------------------------------------------------------------- */

inline Tensor scalar(double value, tw_dtype dtype) { return detail::make(tw_scalar, value, dtype); }
inline Tensor zeros(const Shape &shape, tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_zeros, detail::data(shape), detail::size(shape), dtype);
}
inline Tensor ones(const Shape &shape, tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_ones, detail::data(shape), detail::size(shape), dtype);
}
inline Tensor full(const Shape &shape, double value, tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_full, detail::data(shape), detail::size(shape), value, dtype);
}
inline Tensor arange(double start, double stop, double step = 1, tw_dtype dtype = TW_INT64) {
    return detail::make(tw_arange, start, stop, step, dtype);
}
inline Tensor arange_int64(int64_t start, int64_t stop, int64_t step = 1, tw_dtype dtype = TW_INT64) {
    return detail::make(tw_arange_int64, start, stop, step, dtype);
}
inline Tensor linspace(double start, double stop, int64_t count, tw_dtype dtype = TW_FLOAT64) {
    return detail::make(tw_linspace, start, stop, count, dtype);
}
inline Tensor eye(int64_t rows, int64_t columns, tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_eye, rows, columns, dtype);
}
inline Tensor copy(const Tensor &x) { return detail::make(tw_copy, x); }

/** Over the caller's memory, which outlives all tensors made from it. */
template <typename T> Tensor borrow(T *data, const Shape &shape) {
    return Tensor(tw_tensor_borrow(nullptr, data, detail::dtype_of<T>::value, shape.data(), nullptr,
                                   static_cast<int64_t>(shape.size()), nullptr, nullptr));
}
/** Over memory that lives as long as `owner`, which the tensors made from it share.
    `strides`, in elements, one for each axis; none: row-major. */
template <typename T>
Tensor borrow(T *data, const Shape &shape, std::shared_ptr<const void> owner, const Shape &strides = {}) {
    using Owner = std::shared_ptr<const void>;
    if (!strides.empty() && strides.size() != shape.size())
        throw Error(TW_ERROR_SHAPE, "borrow: " + std::to_string(strides.size()) + " strides for " +
                                        std::to_string(shape.size()) + " axes");
    auto context = std::make_unique<Owner>(std::move(owner));
    Tensor tensor(tw_tensor_borrow(
        nullptr, data, detail::dtype_of<T>::value, shape.data(), strides.empty() ? nullptr : strides.data(),
        static_cast<int64_t>(shape.size()), [](void *c) { delete static_cast<Owner *>(c); }, context.get()));
    context.release();
    return tensor;
}

/* ---- At random ----------------------------------------------------------- */

inline Tensor random_normal(const Shape &shape, const Generator *generator = nullptr, double mean = 0,
                            double standard_deviation = 1, tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_random_normal, generator, detail::data(shape), detail::size(shape), mean,
                        standard_deviation, dtype);
}
inline Tensor random_uniform(const Shape &shape, const Generator *generator = nullptr, double low = 0,
                             double high = 1, tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_random_uniform, generator, detail::data(shape), detail::size(shape), low, high, dtype);
}
inline Tensor random_exponential(const Shape &shape, const Generator *generator = nullptr, double scale = 1,
                                 tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_random_exponential, generator, detail::data(shape), detail::size(shape), scale, dtype);
}
inline Tensor random_integers(const Shape &shape, int64_t low, int64_t high, const Generator *generator = nullptr,
                              tw_dtype dtype = TW_INT64) {
    return detail::make(tw_random_integers, generator, detail::data(shape), detail::size(shape), low, high, dtype);
}
inline Tensor random_permutation(int64_t count, const Generator *generator = nullptr) {
    return detail::make(tw_random_permutation, generator, count);
}
inline Tensor random_permuted(const Tensor &x, int64_t axis = 0, const Generator *generator = nullptr) {
    return detail::make(tw_random_permuted, generator, x, axis);
}
inline Tensor random_bernoulli(const Tensor &probabilities, const Generator *generator = nullptr) {
    return detail::make(tw_random_bernoulli, generator, probabilities);
}
inline Tensor random_categorical(const Tensor &weights, int64_t count, bool replacement = true,
                                 const Generator *generator = nullptr) {
    return detail::make(tw_random_categorical, generator, weights, count, replacement);
}
inline Tensor random_categorical_logits(const Tensor &logits, int64_t count, bool replacement = true,
                                        const Generator *generator = nullptr) {
    return detail::make(tw_random_categorical_logits, generator, logits, count, replacement);
}

}  // namespace talweg

#endif
