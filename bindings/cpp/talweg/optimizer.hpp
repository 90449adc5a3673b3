/**
 * @file optimizer.hpp
 * Optimizers: they hold parameters and change them by their gradients.
 */
#ifndef TALWEG_OPTIMIZER_HPP
#define TALWEG_OPTIMIZER_HPP

#include <exception>
#include <functional>

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
    /** Adds a group with options of its own, by number; the others are those that the optimizer was made with. */
    Optimizer &add_group(const Tensors &parameters,
                         const std::vector<std::pair<tw_optimizer_option, double>> &changes = {}) {
        std::vector<tw_tensor *> handles;
        for (const Tensor &parameter : parameters) handles.push_back(parameter.get());
        std::vector<tw_optimizer_option> options;
        std::vector<double> values;
        for (const auto &change : changes) {
            options.push_back(change.first);
            values.push_back(change.second);
        }
        tw_group_options given = TW_GROUP_OPTIONS_INIT;
        given.options = detail::data(options);
        given.values = detail::data(values);
        given.count = detail::size(options);
        check(tw_optimizer_add_group(get(), detail::data(handles), detail::size(handles), &given));
        return *this;
    }
    int64_t groups() const { return detail::read<tw_optimizer>(tw_optimizer_groups, get()); }
    double option(int64_t group, tw_optimizer_option number) const {
        double value = 0;
        check(tw_optimizer_option_value(get(), group, number, &value));
        return value;
    }
    /** Of a group, or of all for group -1. */
    void set_option(int64_t group, tw_optimizer_option number, double value) {
        check(tw_optimizer_set_option(get(), group, number, value));
    }
    void zero_grad() { check(tw_optimizer_zero_grad(get())); }
    void step() { check(tw_optimizer_step(get())); }
    /** A step by a function that clears the gradients, evaluates the loss and calls its backward(); the loss that it
        gave first. */
    double step(const std::function<double()> &closure) {
        struct Call {
            const std::function<double()> &closure;
            std::exception_ptr error;
        } call{closure, nullptr};
        double loss = 0;
        tw_status status = tw_optimizer_step_with(
            get(),
            [](void *context, tw_scope *, double *value) -> int {
                Call &call = *static_cast<Call *>(context);
                try {
                    *value = call.closure();
                    return 0;
                } catch (...) {
                    call.error = std::current_exception();
                    return 1;
                }
            },
            &call, &loss);
        if (call.error) std::rethrow_exception(call.error);
        check(status);
        return loss;
    }
    /** From now on makes one step of every `calls` calls of step, by the mean of the gradients. */
    void accumulate(int64_t calls) { check(tw_optimizer_accumulate(get(), calls)); }
    void reset() { check(tw_optimizer_reset(get())); }
    void save(const std::string &path) const { check(tw_optimizer_save(get(), path.c_str())); }
    void load(const std::string &path) { check(tw_optimizer_load(get(), path.c_str())); }
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
inline Optimizer NAdam(const tw_adam_options &options = TW_NADAM_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_nadam_new, &options);
}
inline Optimizer RAdam(const tw_adam_options &options = TW_RADAM_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_radam_new, &options);
}
inline Optimizer Adamax(const tw_adam_options &options = TW_ADAMAX_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_adamax_new, &options);
}
inline Optimizer Lion(const tw_adam_options &options = TW_LION_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_lion_new, &options);
}
inline Optimizer LAMB(const tw_adam_options &options = TW_LAMB_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_lamb_new, &options);
}
inline Optimizer Adagrad(const tw_adagrad_options &options = TW_ADAGRAD_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_adagrad_new, &options);
}
inline Optimizer Adadelta(const tw_adadelta_options &options = TW_ADADELTA_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_adadelta_new, &options);
}
inline Optimizer Adafactor(const tw_adafactor_options &options = TW_ADAFACTOR_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_adafactor_new, &options);
}
inline Optimizer Muon(const tw_muon_options &options = TW_MUON_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_muon_new, &options);
}
inline Optimizer LBFGS(const tw_lbfgs_options &options = TW_LBFGS_OPTIONS_INIT) {
    return detail::made<Optimizer, tw_optimizer>(tw_lbfgs_new, &options);
}

/** Scales gradients so that their norm all together is at most max_norm; gives what it was. */
inline double clip_grad_norm(const Tensors &parameters, double max_norm) {
    std::vector<tw_tensor *> handles;
    for (const Tensor &parameter : parameters) handles.push_back(parameter.get());
    double norm = 0;
    check(tw_clip_grad_norm(detail::data(handles), detail::size(handles), max_norm, &norm));
    return norm;
}

/** Holds every element of gradients within -max_value and max_value. */
inline void clip_grad_value(const Tensors &parameters, double max_value) {
    std::vector<tw_tensor *> handles;
    for (const Tensor &parameter : parameters) handles.push_back(parameter.get());
    check(tw_clip_grad_value(detail::data(handles), detail::size(handles), max_value));
}

}  // namespace talweg

#endif
