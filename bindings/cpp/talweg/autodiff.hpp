/**
 * @file autodiff.hpp
 * Gradients by the tape. What belongs to one tensor, such as backward(), is its method.
 */
#ifndef TALWEG_AUTODIFF_HPP
#define TALWEG_AUTODIFF_HPP

#include "tensor.hpp"

namespace talweg {

/** The gradients of `output` by each of `inputs`, in their order and of their shapes. */
inline Tensors grad(const Tensor &output, const Tensors &inputs,
                    const tw_grad_options &options = TW_GRAD_OPTIONS_INIT) {
    const auto in = detail::handles(inputs);
    return detail::several(in.size(), tw_grad, output, detail::data(in), detail::size(in), &options);
}

namespace detail {

/** Sets a thread's switch while it lives, and puts it back. */
template <bool (*set)(bool)> class Switch {
  public:
    explicit Switch(bool on) : before_(set(on)) {}
    ~Switch() { set(before_); }
    Switch(const Switch &) = delete;
    Switch &operator=(const Switch &) = delete;

  private:
    bool before_;
};

}  // namespace detail

/** While it lives, operations of this thread are not recorded. */
class NoGrad : detail::Switch<tw_set_grad_enabled> {
  public:
    NoGrad() : Switch(false) {}
};

/** While it lives, operations of this thread are recorded, also within a NoGrad. */
class EnableGrad : detail::Switch<tw_set_grad_enabled> {
  public:
    EnableGrad() : Switch(true) {}
};

inline bool grad_enabled() { return tw_grad_enabled(); }

}  // namespace talweg

#endif
