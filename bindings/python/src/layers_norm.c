/* Layers of normalisation: what gives a Python object its native half. */
#include "talweg_python.h"

/* Below 0 stands for a default to the engine, and is a mistake of the caller's. */
static int epsilon_from(PyObject *object, double *epsilon) {
    if (object == Py_None) return 0;
    *epsilon = PyFloat_AsDouble(object);
    if (*epsilon == -1 && PyErr_Occurred()) return -1;
    if (*epsilon >= 0) return 0;
    PyErr_Format(PyExc_ValueError, "eps is %R; it must be finite and 0 or more", object);
    return -1;
}

static PyObject *init_channel_norm(PyObject *module, PyObject *args) {
    static tw_status (*const make[])(int64_t, const tw_channel_norm_options *, tw_module **) = {
        tw_batch_norm1d_new, tw_batch_norm2d_new, tw_instance_norm1d_new, tw_instance_norm2d_new};
    State *state = module_state(module);
    tw_channel_norm_options options = TW_CHANNEL_NORM_OPTIONS_INIT;
    PyObject *self, *momentum, *dtype;
    int instance, spatial, affine, tracks, relu;
    int64_t channels;
    if (!PyArg_ParseTuple(args, "O!piO&dOpppO:_init_channel_norm", state->module_type, &self, &instance, &spatial, to_int64,
                          &channels, &options.epsilon, &momentum, &affine, &tracks, &relu, &dtype) ||
        dtype_from(state, dtype, &options.dtype) < 0)
        return NULL;
    options.cumulative = momentum == Py_None;
    if (!options.cumulative) {
        options.momentum = PyFloat_AsDouble(momentum);
        if (options.momentum == -1 && PyErr_Occurred()) return NULL;
    }
    options.affine = affine;
    options.track_running_stats = tracks;
    options.relu = relu;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = make[2 * instance + (spatial == 2)](channels, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_row_norm(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_norm_options options = TW_NORM_OPTIONS_INIT;
    PyObject *self, *given, *epsilon, *dtype;
    Sizes shape;
    int centered, affine, bias;
    if (!PyArg_ParseTuple(args, "O!pOOppO:_init_row_norm", state->module_type, &self, &centered, &given, &epsilon, &affine,
                          &bias, &dtype) ||
        sizes_from(given, "normalized_shape", &shape) < 0 || epsilon_from(epsilon, &options.epsilon) < 0 ||
        dtype_from(state, dtype, &options.dtype) < 0)
        return NULL;
    options.affine = affine;
    options.bias = bias;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = centered ? tw_layer_norm_new(shape.values, shape.rank, &options, &handle)
                               : tw_rms_norm_new(shape.values, shape.rank, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_group_norm(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_norm_options options = TW_NORM_OPTIONS_INIT;
    PyObject *self, *epsilon, *dtype;
    int64_t groups, channels;
    int affine;
    if (!PyArg_ParseTuple(args, "O!O&O&OpO:_init_group_norm", state->module_type, &self, to_int64, &groups, to_int64,
                          &channels, &epsilon, &affine, &dtype) ||
        epsilon_from(epsilon, &options.epsilon) < 0 || dtype_from(state, dtype, &options.dtype) < 0)
        return NULL;
    options.affine = affine;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = tw_group_norm_new(groups, channels, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_local_response_norm(PyObject *module, PyObject *args) {
    PyObject *self;
    int64_t size;
    double alpha, beta, k;
    if (!PyArg_ParseTuple(args, "O!O&ddd:_init_local_response_norm", module_state(module)->module_type, &self, to_int64,
                          &size, &alpha, &beta, &k))
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_local_response_norm_new(size, alpha, beta, k, &handle);
    return module_adopt(self, status, handle);
}

PyMethodDef layers_norm_functions[] = {
    {"_init_channel_norm", init_channel_norm, METH_VARARGS, NULL},
    {"_init_row_norm", init_row_norm, METH_VARARGS, NULL},
    {"_init_group_norm", init_group_norm, METH_VARARGS, NULL},
    {"_init_local_response_norm", init_local_response_norm, METH_VARARGS, NULL},
    {0},
};
