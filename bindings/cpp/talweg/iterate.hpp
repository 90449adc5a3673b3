/**
 * @file iterate.hpp
 * A tensor's elements where they lie, in runs.
 *
 *     double total = 0;
 *     for (auto run : talweg::runs<const double>(x))
 *         for (int64_t i = 0; i < run.count; ++i) total += run[i];
 */
#ifndef TALWEG_ITERATE_HPP
#define TALWEG_ITERATE_HPP

#include "tensor.hpp"

namespace talweg {

/** Elements at equal distances. */
template <typename T> struct Run {
    T *data;
    int64_t count;
    /** From one to the next, in elements: may be 0 or negative. */
    int64_t stride;
    T &operator[](int64_t i) const { return data[i * stride]; }
};

/** The runs of a tensor, for a loop. Keeps the tensor alive. */
template <typename T> class Runs {
  public:
    struct End {};
    class Iterator {
      public:
        explicit Iterator(const tw_strided_iterator &walk) : walk_(walk) { ++*this; }
        Run<T> operator*() const { return {static_cast<T *>(walk_.data), walk_.count, walk_.stride}; }
        Iterator &operator++() {
            more_ = tw_strided_iterator_next(&walk_);
            return *this;
        }
        bool operator!=(End) const { return more_; }

      private:
        tw_strided_iterator walk_;
        bool more_ = false;
    };

    explicit Runs(const Tensor &tensor) : tensor_(tensor) {
        tensor.expect<std::remove_const_t<T>>("runs");
        check(std::is_const<T>::value ? tw_strided_iterator_start(tensor.get(), &walk_)
                                      : tw_strided_iterator_start_mutable(tensor.get(), &walk_));
    }
    Iterator begin() const { return Iterator(walk_); }
    End end() const { return {}; }

  private:
    Tensor tensor_;
    tw_strided_iterator walk_ = TW_STRIDED_ITERATOR_INIT;
};

/** The runs of a tensor of T's dtype, else TW_ERROR_DTYPE: of const T for reading, of T for
    writing, which tells the tape that the elements change. */
template <typename T> Runs<T> runs(const Tensor &tensor) { return Runs<T>(tensor); }

}  // namespace talweg

#endif
