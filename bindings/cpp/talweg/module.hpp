/**
 * @file module.hpp
 * Layers and networks.
 */
#ifndef TALWEG_MODULE_HPP
#define TALWEG_MODULE_HPP

#include "callback.hpp"

namespace talweg {

/** A layer or a network. Copies are further names of the same one. */
class Module {
  public:
    explicit Module(tw_module *handle) : handle_(detail::own<tw_module, tw_module_free>(handle)) {}
    tw_module *get() const noexcept { return handle_.get(); }

    Tensor operator()(const Tensor &x) const { return detail::make(tw_module_forward, get(), x); }
    /** Of several inputs or outputs: an input that has no handle is left out; the outputs are those that there are. */
    Tensors call(const std::vector<const Tensor *> &inputs, int64_t output_count = 1) const {
        std::vector<const tw_tensor *> given;
        for (const Tensor *input : inputs) given.push_back(input ? input->get() : nullptr);
        std::vector<tw_tensor *> outputs(static_cast<size_t>(output_count), nullptr);
        check(tw_module_call(nullptr, get(), detail::data(given), detail::size(given), outputs.data(),
                             output_count));
        Tensors result;
        for (tw_tensor *output : outputs)
            if (output) result.push_back(Tensor(output));
        return result;
    }
    /** In evaluation mode, without the tape, in batches (0: all at once). */
    Tensor predict(const Tensor &x, int64_t batch_size = 0) const {
        return detail::make(tw_predict, get(), x, batch_size);
    }
    void train(bool training = true) { check(tw_module_set_training(get(), training)); }
    void eval() { train(false); }
    bool is_training() const { return detail::read<tw_module>(tw_module_is_training, get()); }
    int64_t parameter_count() const { return detail::read<tw_module>(tw_module_parameter_count, get()); }
    int64_t parameter_size() const { return detail::read<tw_module>(tw_module_parameter_size, get()); }
    Tensor parameter(int64_t index) const { return detail::make(tw_module_parameter, get(), index); }
    Tensor parameter(const std::string &path) const {
        return detail::make(tw_module_parameter_named, get(), path.c_str());
    }
    Tensors parameters() const {
        Tensors result;
        for (int64_t i = 0, n = parameter_count(); i < n; ++i) result.push_back(parameter(i));
        return result;
    }
    std::string parameter_name(int64_t index) const {
        return detail::text([&](char *t, size_t c, size_t *n) {
            return tw_module_parameter_name(get(), index, t, c, n);
        });
    }
    int64_t trainable_size() const { return detail::read<tw_module>(tw_module_trainable_size, get()); }
    int64_t buffer_count() const { return detail::read<tw_module>(tw_module_buffer_count, get()); }
    Tensor buffer(int64_t index) const { return detail::make(tw_module_buffer, get(), index); }
    Tensor buffer(const std::string &path) const { return detail::make(tw_module_buffer_named, get(), path.c_str()); }
    std::string buffer_name(int64_t index) const {
        return detail::text([&](char *t, size_t c, size_t *n) {
            return tw_module_buffer_name(get(), index, t, c, n);
        });
    }
    void set_buffer(const std::string &name, const Tensor &buffer, bool persistent = true) {
        check(tw_module_set_buffer(get(), name.c_str(), buffer.get(), persistent));
    }
    int64_t child_count() const { return detail::read<tw_module>(tw_module_child_count, get()); }
    std::string child_name(int64_t index) const {
        return detail::text([&](char *t, size_t c, size_t *n) {
            return tw_module_child_name(get(), index, t, c, n);
        });
    }
    /** The module at a path such as "encoder.0". */
    Module at(const std::string &path) const {
        tw_module *found = nullptr;
        check(tw_module_at(get(), path.c_str(), &found));
        return Module(found);
    }
    std::string type_name() const {
        return detail::text([this](char *t, size_t c, size_t *n) { return tw_module_type_name(get(), t, c, n); });
    }
    /** How many parameters match, "*" and "?" being wild. */
    int64_t freeze(const std::string &pattern, bool frozen = true) {
        int64_t count = 0;
        check(tw_module_freeze(get(), pattern.c_str(), frozen, &count));
        return count;
    }
    void set_parameter(const std::string &name, const Tensor &parameter) {
        check(tw_module_set_parameter(get(), name.c_str(), parameter.get()));
    }
    void set_child(const std::string &name, const Module &child) {
        check(tw_module_set_child(get(), name.c_str(), child.get()));
    }
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
template <typename... P, typename... A> Module module(tw_status (*function)(P...), const A &...arguments) {
    return made<Module, tw_module>(function, arguments...);
}
}  // namespace detail

inline Module Linear(int64_t inputs, int64_t outputs, const tw_linear_options &options = TW_LINEAR_OPTIONS_INIT) {
    return detail::module(tw_linear_new, inputs, outputs, &options);
}
inline Module ReLU() { return detail::module(tw_relu_new); }
inline Module Tanh() { return detail::module(tw_tanh_new); }
inline Module Sigmoid() { return detail::module(tw_sigmoid_new); }
inline Module GELU() { return detail::module(tw_gelu_new); }
inline Module Softmax(int64_t axis = -1) { return detail::module(tw_softmax_new, axis); }
inline Module Dropout(double p, uint64_t seed = 0) { return detail::module(tw_dropout_new, p, seed); }
inline Module Sequential(const std::vector<Module> &modules) {
    std::vector<tw_module *> handles;
    for (const Module &m : modules) handles.push_back(m.get());
    return detail::module(tw_sequential_new, detail::data(handles), detail::size(handles));
}

/** A module whose forward pass is a function. What it throws, the forward pass throws. */
inline Module Function(std::function<Tensor(const Tensor &)> forward) {
    using Forward = std::function<Tensor(const Tensor &)>;
    auto call = [](void *context, tw_scope *scope, tw_tensor *input, tw_tensor **output) -> int {
        return detail::guarded([&] {
            *output = detail::given(scope, (*static_cast<Forward *>(context))(Tensor(tw_keep(input))));
        });
    };
    auto context = std::make_unique<Forward>(std::move(forward));
    tw_module *handle = nullptr;
    check(tw_callback_module_new(call, context.get(), [](void *c) { delete static_cast<Forward *>(c); }, &handle));
    context.release();
    return Module(handle);
}

}  // namespace talweg

#endif
