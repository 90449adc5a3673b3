/**
 * @file optimizer.hpp
 * Optimizers: they hold parameters and change them by their gradients.
 */
#ifndef TALWEG_OPTIMIZER_HPP
#define TALWEG_OPTIMIZER_HPP

#include "module.hpp"

namespace talweg {

/** Copies are further names of the same one. */
class Optimizer {
  public:
    explicit Optimizer(tw_optimizer *handle) : handle_(detail::own<tw_optimizer, tw_optimizer_free>(handle)) {}
    tw_optimizer *get() const noexcept { return handle_.get(); }
    Optimizer &add(const Tensor &parameter) {
        check(tw_optimizer_add(get(), parameter.get()));
        return *this;
    }
    Optimizer &add(const Module &module) {
        check(tw_optimizer_add_module(get(), module.get()));
        return *this;
    }
    void zero_grad() { check(tw_optimizer_zero_grad(get())); }
    void step() { check(tw_optimizer_step(get())); }
    double learning_rate() const { return detail::read<tw_optimizer>(tw_optimizer_learning_rate, get()); }
    void set_learning_rate(double rate) { check(tw_optimizer_set_learning_rate(get(), rate)); }

  private:
    std::shared_ptr<tw_optimizer> handle_;
};

inline Optimizer SGD(const tw_sgd_options &options = TW_SGD_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_sgd_new, &options);
}
inline Optimizer RMSProp(const tw_rmsprop_options &options = TW_RMSPROP_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_rmsprop_new, &options);
}
inline Optimizer Adam(const tw_adam_options &options = TW_ADAM_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_adam_new, &options);
}
inline Optimizer AdamW(const tw_adam_options &options = TW_ADAMW_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_adamw_new, &options);
}

/** Scales gradients so that their norm all together is at most max_norm; gives what it was. */
inline double clip_grad_norm(const Tensors &parameters, double max_norm) {
    std::vector<tw_tensor *> handles;
    for (const Tensor &parameter : parameters) handles.push_back(parameter.get());
    double norm = 0;
    check(tw_clip_grad_norm(detail::data(handles), detail::size(handles), max_norm, &norm));
    return norm;
}

}  // namespace talweg

#endif
