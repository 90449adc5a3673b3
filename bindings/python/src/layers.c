/* Activations, dropout, containers, the bilinear map and initialisers: the native halves of talweg.nn's layers, each
   made by a function that takes the Python object first, and the functions that they are made of. */
#include "talweg_python.h"

/* ---- Activations ---------------------------------------------------------- */

/* A tw_activation and all its options, in the order of the struct, after what `first` says. */
#define ACTIVATION_FORMAT "iddddddddO&"
#define ACTIVATION_ARGUMENTS(kind, o) \
    &(kind), &(o).slope, &(o).alpha, &(o).beta, &(o).threshold, &(o).value, &(o).low, &(o).high, &(o).lambda, \
        to_int64, &(o).axis

static PyObject *activate(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_activation_options options = TW_ACTIVATION_OPTIONS_INIT;
    PyObject *object;
    int kind;
    if (!PyArg_ParseTuple(args, "O" ACTIVATION_FORMAT, &object, ACTIVATION_ARGUMENTS(kind, options))) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_activate(NULL, TENSOR(x), (tw_activation)kind, &options))
    PyObject *result = tensor_wrap(state, handle);
    Py_DECREF(x);
    return result;
}

static PyObject *init_activation(PyObject *module, PyObject *args) {
    tw_activation_options options = TW_ACTIVATION_OPTIONS_INIT;
    PyObject *self;
    int kind;
    if (!PyArg_ParseTuple(args, "O!" ACTIVATION_FORMAT, module_state(module)->module_type, &self,
                          ACTIVATION_ARGUMENTS(kind, options)))
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_activation_new((tw_activation)kind, &options, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *prelu(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *first, *second, *result = NULL;
    if (!PyArg_UnpackTuple(args, "prelu", 2, 2, &first, &second)) return NULL;
    PyObject *x = tensor_from(state, first, NULL, NULL);
    PyObject *weight = x ? tensor_from(state, second, NULL, NULL) : NULL;
    if (weight) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_prelu(NULL, TENSOR(x), TENSOR(weight)))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(weight);
    return result;
}

static PyObject *init_prelu(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *self, *type;
    int64_t slopes;
    double initial;
    tw_dtype dtype;
    if (!PyArg_ParseTuple(args, "O!O&dO", state->module_type, &self, to_int64, &slopes, &initial, &type) ||
        dtype_from(state, type, &dtype) < 0)
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_prelu_new(slopes, initial, dtype, &handle);
    return module_adopt(self, status, handle);
}

/* ---- Dropout ---------------------------------------------------------------- */

typedef tw_tensor *(*Drop)(tw_generator *, const tw_tensor *, double, int);

static tw_tensor *drop_channels(tw_generator *generator, const tw_tensor *x, double p, int unused) {
    (void)unused;
    return tw_channel_dropout(NULL, generator, x, p);
}

static tw_tensor *drop_alpha(tw_generator *generator, const tw_tensor *x, double p, int by_channel) {
    return tw_alpha_dropout(NULL, generator, x, p, by_channel != 0);
}

static tw_tensor *drop_depth(tw_generator *generator, const tw_tensor *x, double p, int mode) {
    return tw_stochastic_depth(NULL, generator, x, p, (tw_stochastic_depth_mode)mode);
}

/* (x, p, choice, generator) */
static PyObject *dropped(PyObject *module, PyObject *args, Drop drop) {
    State *state = module_state(module);
    PyObject *object, *source;
    double p;
    int choice;
    tw_generator *generator;
    if (!PyArg_ParseTuple(args, "OdiO", &object, &p, &choice, &source) ||
        generator_from(state, source, &generator) < 0)
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = drop(generator, TENSOR(x), p, choice))
    PyObject *result = tensor_wrap(state, handle);
    Py_DECREF(x);
    return result;
}

static PyObject *channel_dropout(PyObject *module, PyObject *args) {
    return dropped(module, args, drop_channels);
}

static PyObject *alpha_dropout(PyObject *module, PyObject *args) {
    return dropped(module, args, drop_alpha);
}

static PyObject *stochastic_depth(PyObject *module, PyObject *args) {
    return dropped(module, args, drop_depth);
}

typedef tw_status (*NewDropout)(double, int, uint64_t, tw_module **);

static tw_status new_channels(double p, int unused, uint64_t seed, tw_module **handle) {
    (void)unused;
    return tw_channel_dropout_new(p, seed, handle);
}

static tw_status new_alpha(double p, int by_channel, uint64_t seed, tw_module **handle) {
    return tw_alpha_dropout_new(p, by_channel != 0, seed, handle);
}

static tw_status new_depth(double p, int mode, uint64_t seed, tw_module **handle) {
    return tw_stochastic_depth_new(p, (tw_stochastic_depth_mode)mode, seed, handle);
}

/* (self, p, choice, seed) */
static PyObject *init_dropout(PyObject *module, PyObject *args, NewDropout make) {
    PyObject *self;
    double p;
    int choice;
    uint64_t seed;
    if (!PyArg_ParseTuple(args, "O!diO&", module_state(module)->module_type, &self, &p, &choice, to_uint64, &seed))
        return NULL;
    tw_module *handle = NULL;
    tw_status status = make(p, choice, seed, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_channel_dropout(PyObject *module, PyObject *args) {
    return init_dropout(module, args, new_channels);
}

static PyObject *init_alpha_dropout(PyObject *module, PyObject *args) {
    return init_dropout(module, args, new_alpha);
}

static PyObject *init_stochastic_depth(PyObject *module, PyObject *args) {
    return init_dropout(module, args, new_depth);
}

/* ---- Containers ------------------------------------------------------------- */

static PyObject *init_identity(PyObject *module, PyObject *args) {
    PyObject *self;
    if (!PyArg_ParseTuple(args, "O!", module_state(module)->module_type, &self)) return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_identity_new(&handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_flatten(PyObject *module, PyObject *args) {
    PyObject *self;
    int64_t start, end;
    if (!PyArg_ParseTuple(args, "O!O&O&", module_state(module)->module_type, &self, to_int64, &start, to_int64, &end))
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_flatten_new(start, end, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_unflatten(PyObject *module, PyObject *args) {
    PyObject *self, *object;
    int64_t axis;
    Sizes sizes;
    if (!PyArg_ParseTuple(args, "O!O&O", module_state(module)->module_type, &self, to_int64, &axis, &object) ||
        sizes_from(object, "unflattened_size", &sizes) < 0)
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_unflatten_new(axis, sizes.values, sizes.rank, &handle);
    return module_adopt(self, status, handle);
}

/* A module that was initialised, or NULL with an exception. */
static tw_module *module_of(State *state, PyObject *object) {
    if (!PyObject_TypeCheck(object, state->module_type)) {
        PyErr_Format(PyExc_TypeError, "a child is a talweg.nn.Module, not %R", Py_TYPE(object));
        return NULL;
    }
    if (!MODULE(object)) PyErr_SetString(PyExc_AttributeError, "call super().__init__() before using a Module");
    return MODULE(object);
}

static PyObject *init_residual(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *self, *body, *projection;
    if (!PyArg_ParseTuple(args, "O!OO", state->module_type, &self, &body, &projection)) return NULL;
    tw_module *first = module_of(state, body), *second = NULL, *handle = NULL;
    if (!first || (projection != Py_None && !(second = module_of(state, projection)))) return NULL;
    tw_status status = tw_residual_new(first, second, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_parallel(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *self, *given;
    int combination;
    int64_t axis;
    if (!PyArg_ParseTuple(args, "O!OiO&", state->module_type, &self, &given, &combination, to_int64, &axis))
        return NULL;
    PyObject *tuple = PySequence_Tuple(given);
    if (!tuple) return NULL;
    Py_ssize_t count = PyTuple_Size(tuple);
    tw_module **children = PyMem_Malloc((size_t)(count + 1) * sizeof *children);
    bool ready = children != NULL;
    if (!children) PyErr_NoMemory();
    for (Py_ssize_t i = 0; ready && i < count; ++i)
        ready = (children[i] = module_of(state, PyTuple_GetItem(tuple, i))) != NULL;
    PyObject *result = NULL;
    if (ready) {
        tw_module *handle = NULL;
        tw_status status = tw_parallel_new(children, count, (tw_parallel_combination)combination, axis, &handle);
        result = module_adopt(self, status, handle);
    }
    PyMem_Free(children);
    Py_DECREF(tuple);
    return result;
}

/* ---- The bilinear map --------------------------------------------------------- */

static PyObject *bilinear(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *first, *second, *third, *last, *bias = NULL, *result = NULL;
    if (!PyArg_UnpackTuple(args, "bilinear", 4, 4, &first, &second, &third, &last)) return NULL;
    PyObject *a = tensor_from(state, first, NULL, NULL);
    PyObject *b = a ? tensor_from(state, second, NULL, NULL) : NULL;
    PyObject *weight = b ? tensor_from(state, third, NULL, NULL) : NULL;
    if (weight && tensor_or_none(state, last, &bias) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_bilinear(NULL, TENSOR(a), TENSOR(b), TENSOR(weight), bias ? TENSOR(bias) : NULL))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(weight);
    Py_XDECREF(bias);
    return result;
}

static PyObject *init_bilinear(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    PyObject *self, *dtype, *generator;
    int64_t first, second, outputs;
    int bias, initializer;
    if (!PyArg_ParseTuple(args, "O!O&O&O&pOiddO", state->module_type, &self, to_int64, &first, to_int64, &second,
                          to_int64, &outputs, &bias, &dtype, &initializer, &options.scale, &options.gain, &generator) ||
        dtype_from(state, dtype, &options.dtype) < 0 || generator_from(state, generator, &options.generator) < 0)
        return NULL;
    options.bias = bias;
    options.initializer = (tw_initializer)initializer;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = tw_bilinear_new(first, second, outputs, &options, &handle))
    return module_adopt(self, status, handle);
}

/* ---- Initialisers ---------------------------------------------------------------- */

static PyObject *initialize(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_initializer_options options = TW_INITIALIZER_OPTIONS_INIT;
    PyObject *tensor, *generator;
    int initializer, fan;
    if (!PyArg_ParseTuple(args, "O!ididdddO&O", state->tensor_type, &tensor, &initializer, &options.gain, &fan,
                          &options.mean, &options.scale, &options.low, &options.high, to_int64, &options.groups,
                          &generator) ||
        generator_from(state, generator, &options.generator) < 0)
        return NULL;
    options.fan = (tw_fan)fan;
    tw_status status;
    UNLOCKED(status = tw_initialize(TENSOR(tensor), (tw_initializer)initializer, &options))
    return check(state, status) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *initializer_gain(PyObject *module, PyObject *args) {
    int activation;
    double slope, gain;
    if (!PyArg_ParseTuple(args, "id", &activation, &slope)) return NULL;
    if (check(module_state(module), tw_initializer_gain((tw_activation)activation, slope, &gain)) < 0) return NULL;
    return PyFloat_FromDouble(gain);
}

PyMethodDef layers_functions[] = {
    {"_activate", activate, METH_VARARGS, NULL},
    {"_init_activation", init_activation, METH_VARARGS, NULL},
    {"prelu", prelu, METH_VARARGS,
     "prelu(x, weight, /)\n--\n\n"
     "x where it is positive, else times weight [slopes]: one slope for all, or one for each position of axis 1."},
    {"_init_prelu", init_prelu, METH_VARARGS, NULL},
    {"_channel_dropout", channel_dropout, METH_VARARGS, NULL},
    {"_alpha_dropout", alpha_dropout, METH_VARARGS, NULL},
    {"_stochastic_depth", stochastic_depth, METH_VARARGS, NULL},
    {"_init_channel_dropout", init_channel_dropout, METH_VARARGS, NULL},
    {"_init_alpha_dropout", init_alpha_dropout, METH_VARARGS, NULL},
    {"_init_stochastic_depth", init_stochastic_depth, METH_VARARGS, NULL},
    {"_init_identity", init_identity, METH_VARARGS, NULL},
    {"_init_flatten", init_flatten, METH_VARARGS, NULL},
    {"_init_unflatten", init_unflatten, METH_VARARGS, NULL},
    {"_init_residual", init_residual, METH_VARARGS, NULL},
    {"_init_parallel", init_parallel, METH_VARARGS, NULL},
    {"_bilinear", bilinear, METH_VARARGS, NULL},
    {"_init_bilinear", init_bilinear, METH_VARARGS, NULL},
    {"_initialize", initialize, METH_VARARGS, NULL},
    {"_initializer_gain", initializer_gain, METH_VARARGS, NULL},
    {0},
};
