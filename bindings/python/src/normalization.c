/* Norms, embeddings and activations with a parameter, as functions of tensors. */
#include "talweg_python.h"

/* The tensors of a call: those that must be there, then those that may be None. */
typedef struct {
    PyObject *held[6];
    int count;
} Tensors;

static void release(Tensors *tensors) {
    for (int i = 0; i < tensors->count; ++i) Py_XDECREF(tensors->held[i]);
}

static tw_tensor *needed(State *state, Tensors *tensors, PyObject *object, bool *failed) {
    PyObject *found = *failed ? NULL : tensor_from(state, object, NULL, NULL);
    tensors->held[tensors->count++] = found;
    if (!found) *failed = true;
    return found ? TENSOR(found) : NULL;
}

static tw_tensor *optional(State *state, Tensors *tensors, PyObject *object, bool *failed) {
    PyObject *found = NULL;
    if (!*failed && tensor_or_none(state, object, &found) < 0) *failed = true;
    tensors->held[tensors->count++] = found;
    return found ? TENSOR(found) : NULL;
}

static PyObject *layer_norm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "weight", "bias", "eps", "residual", NULL};
    State *state = module_state(module);
    PyObject *x, *weight = Py_None, *bias = Py_None, *residual = Py_None, *result = NULL;
    double epsilon = 1e-5;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OOd$O:layer_norm", names, &x, &weight, &bias, &epsilon, &residual))
        return NULL;
    Tensors tensors = {.count = 0};
    bool failed = false;
    tw_tensor *tx = needed(state, &tensors, x, &failed), *tw = optional(state, &tensors, weight, &failed);
    tw_tensor *tb = optional(state, &tensors, bias, &failed), *tr = optional(state, &tensors, residual, &failed);
    if (!failed) {
        tw_tensor *handle;
        if (tr) {
            UNLOCKED(handle = tw_add_layer_norm(NULL, tx, tr, tw, tb, epsilon))
        } else {
            UNLOCKED(handle = tw_layer_norm(NULL, tx, tw, tb, epsilon))
        }
        result = tensor_wrap(state, handle);
    }
    release(&tensors);
    return result;
}

static PyObject *rms_norm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "weight", "eps", NULL};
    State *state = module_state(module);
    PyObject *x, *weight = Py_None, *result = NULL;
    double epsilon = 1e-5;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|Od:rms_norm", names, &x, &weight, &epsilon)) return NULL;
    Tensors tensors = {.count = 0};
    bool failed = false;
    tw_tensor *tx = needed(state, &tensors, x, &failed), *tw = optional(state, &tensors, weight, &failed);
    if (!failed) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_rms_norm(NULL, tx, tw, epsilon))
        result = tensor_wrap(state, handle);
    }
    release(&tensors);
    return result;
}

static PyObject *batch_norm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x",        "running_mean", "running_var", "weight",   "bias", "training",
                            "momentum", "eps",          "relu",        "residual", NULL};
    State *state = module_state(module);
    PyObject *x, *mean = Py_None, *variance = Py_None, *weight = Py_None, *bias = Py_None, *residual = Py_None;
    PyObject *result = NULL;
    tw_batch_norm_options options = TW_BATCH_NORM_OPTIONS_INIT;
    int training = 0, relu = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OOOOpdd$pO:batch_norm", names, &x, &mean, &variance, &weight,
                                     &bias, &training, &options.momentum, &options.epsilon, &relu, &residual))
        return NULL;
    /* They are changed in place: what is no tensor would be changed in a copy. */
    if ((mean != Py_None && !is_tensor(state, mean)) || (variance != Py_None && !is_tensor(state, variance))) {
        PyErr_SetString(PyExc_TypeError, "batch_norm: running_mean and running_var are tensors or None");
        return NULL;
    }
    options.training = training;
    options.relu = relu;
    Tensors tensors = {.count = 0};
    bool failed = false;
    tw_tensor *tx = needed(state, &tensors, x, &failed), *tm = optional(state, &tensors, mean, &failed);
    tw_tensor *tv = optional(state, &tensors, variance, &failed), *tw = optional(state, &tensors, weight, &failed);
    tw_tensor *tb = optional(state, &tensors, bias, &failed);
    options.residual = optional(state, &tensors, residual, &failed);
    if (!failed) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_batch_norm(NULL, tx, tw, tb, tm, tv, &options))
        result = tensor_wrap(state, handle);
    }
    release(&tensors);
    return result;
}

static PyObject *instance_norm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x",    "running_mean",    "running_var", "weight",
                            "bias", "use_input_stats", "momentum",    "eps",    NULL};
    State *state = module_state(module);
    PyObject *x, *mean = Py_None, *variance = Py_None, *weight = Py_None, *bias = Py_None, *result = NULL;
    tw_batch_norm_options options = TW_BATCH_NORM_OPTIONS_INIT;
    int training = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OOOOpdd:instance_norm", names, &x, &mean, &variance, &weight, &bias,
                                     &training, &options.momentum, &options.epsilon))
        return NULL;
    if ((mean != Py_None && !is_tensor(state, mean)) || (variance != Py_None && !is_tensor(state, variance))) {
        PyErr_SetString(PyExc_TypeError, "instance_norm: running_mean and running_var are tensors or None");
        return NULL;
    }
    options.training = training;
    Tensors tensors = {.count = 0};
    bool failed = false;
    tw_tensor *tx = needed(state, &tensors, x, &failed), *tm = optional(state, &tensors, mean, &failed);
    tw_tensor *tv = optional(state, &tensors, variance, &failed), *tw = optional(state, &tensors, weight, &failed);
    tw_tensor *tb = optional(state, &tensors, bias, &failed);
    if (!failed) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_instance_norm(NULL, tx, tw, tb, tm, tv, &options))
        result = tensor_wrap(state, handle);
    }
    release(&tensors);
    return result;
}

static PyObject *group_norm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "num_groups", "weight", "bias", "eps", NULL};
    State *state = module_state(module);
    PyObject *x, *weight = Py_None, *bias = Py_None, *result = NULL;
    int64_t groups;
    double epsilon = 1e-5;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&|OOd:group_norm", names, &x, to_int64, &groups, &weight, &bias,
                                     &epsilon))
        return NULL;
    Tensors tensors = {.count = 0};
    bool failed = false;
    tw_tensor *tx = needed(state, &tensors, x, &failed), *tw = optional(state, &tensors, weight, &failed);
    tw_tensor *tb = optional(state, &tensors, bias, &failed);
    if (!failed) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_group_norm(NULL, tx, groups, tw, tb, epsilon))
        result = tensor_wrap(state, handle);
    }
    release(&tensors);
    return result;
}

static PyObject *local_response_norm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "size", "alpha", "beta", "k", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t size;
    double alpha = 1e-4, beta = 0.75, k = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&|ddd:local_response_norm", names, &object, to_int64, &size, &alpha,
                                     &beta, &k))
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_local_response_norm(NULL, TENSOR(x), size, alpha, beta, k))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

static PyObject *embedding(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *ids, *table, *result = NULL;
    if (!PyArg_UnpackTuple(args, "embedding", 2, 2, &ids, &table)) return NULL;
    Tensors tensors = {.count = 0};
    bool failed = false;
    tw_tensor *ti = needed(state, &tensors, ids, &failed), *tt = needed(state, &tensors, table, &failed);
    if (!failed) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_embedding(NULL, tt, ti))
        result = tensor_wrap(state, handle);
    }
    release(&tensors);
    return result;
}

static PyObject *plain(PyObject *module, PyObject *object, tw_tensor *(*op)(tw_scope *, const tw_tensor *)) {
    State *state = module_state(module);
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x)))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

static PyObject *silu(PyObject *module, PyObject *x) {
    return plain(module, x, tw_silu);
}

static PyObject *gelu_tanh(PyObject *module, PyObject *x) {
    return plain(module, x, tw_gelu_tanh);
}

static PyObject *with_number(PyObject *module, PyObject *args, PyObject *kwargs, char *names[], const char *format,
                             double number, tw_tensor *(*op)(tw_scope *, const tw_tensor *, double)) {
    State *state = module_state(module);
    PyObject *object;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &object, &number)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x), number))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

static PyObject *leaky_relu(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "negative_slope", NULL};
    return with_number(module, args, kwargs, names, "O|d:leaky_relu", 0.01, tw_leaky_relu);
}

static PyObject *elu(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "alpha", NULL};
    return with_number(module, args, kwargs, names, "O|d:elu", 1, tw_elu);
}

PyMethodDef normalization_functions[] = {
    {"layer_norm", METHOD_KEYWORDS(layer_norm),
     "layer_norm(x, weight=None, bias=None, eps=1e-5, *, residual=None)\n--\n\n"
     "(r - mean) / sqrt(variance + eps) * weight + bias along the last axis, of r = x + residual."},
    {"rms_norm", METHOD_KEYWORDS(rms_norm),
     "rms_norm(x, weight=None, eps=1e-5)\n--\n\nx / sqrt(mean(x^2) + eps) * weight along the last axis."},
    {"batch_norm", METHOD_KEYWORDS(batch_norm),
     "batch_norm(x, running_mean=None, running_var=None, weight=None, bias=None, training=False, momentum=0.1, "
     "eps=1e-5, *, relu=False, residual=None)\n--\n\n"
     "Each channel of x [n, channels, ..] less its mean, over its standard deviation, times weight plus bias;\n"
     "plus residual and with max(y, 0) if so wanted. In training with the batch's statistics, towards which the\n"
     "running ones are moved in place."},
    {"instance_norm", METHOD_KEYWORDS(instance_norm),
     "instance_norm(x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, "
     "eps=1e-5)\n--\n\n"
     "Each channel of each example of x [n, channels, ..] less its mean, over its standard deviation, times weight plus\n"
     "bias. The running statistics are moved in place, or used without use_input_stats."},
    {"group_norm", METHOD_KEYWORDS(group_norm),
     "group_norm(x, num_groups, weight=None, bias=None, eps=1e-5)\n--\n\n"
     "Each group of channels of each example of x [n, channels, ..] less its mean, over its standard deviation, times\n"
     "weight [channels] plus bias."},
    {"local_response_norm", METHOD_KEYWORDS(local_response_norm),
     "local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0)\n--\n\n"
     "x / (k + alpha * mean of x^2 over size neighbouring channels)^beta of x [n, channels, ..]."},
    {"embedding", embedding, METH_VARARGS,
     "embedding(ids, weight, /)\n--\n\nThe rows of weight [rows, width] that ids name: [.., width]."},
    {"silu", silu, METH_O, "silu(x, /)\n--\n\nx / (1 + exp(-x))"},
    {"gelu_tanh", gelu_tanh, METH_O,
     "gelu_tanh(x, /)\n--\n\nx * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2, close to gelu."},
    {"leaky_relu", METHOD_KEYWORDS(leaky_relu),
     "leaky_relu(x, negative_slope=0.01)\n--\n\nx where it is positive, else negative_slope * x."},
    {"elu", METHOD_KEYWORDS(elu), "elu(x, alpha=1.0)\n--\n\nx where it is positive, else alpha * (exp(x) - 1)."},
    {0},
};
