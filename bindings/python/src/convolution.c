/* Convolution and pooling, as functions of tensors. */
#include "talweg_python.h"

/* A number for all axes, or a sequence with one for each; None leaves what is there. */
static int axes_of(PyObject *object, const char *what, int spatial, int64_t values[2]) {
    if (object == Py_None) return 0;
    if (!PySequence_Check(object)) {
        if (int64_from(object, what, &values[0]) < 0) return -1;
        values[1] = values[0];
        return 0;
    }
    Py_ssize_t count = PySequence_Size(object);
    if (count != spatial && count != 1) {
        if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "%s: %zd numbers for %d axes", what, count, spatial);
        return -1;
    }
    for (int i = 0; i < 2; ++i) {
        PyObject *item = PySequence_GetItem(object, i < count ? i : count - 1);
        if (!item) return -1;
        int status = int64_from(item, what, &values[i]);
        Py_DECREF(item);
        if (status < 0) return -1;
    }
    return 0;
}

typedef tw_tensor *(*Convolve)(tw_scope *, const tw_tensor *, const tw_tensor *, const tw_tensor *,
                               const tw_convolution_options *);

static PyObject *convolve(State *state, PyObject *const objects[3], const tw_convolution_options *options,
                          Convolve function) {
    PyObject *input = tensor_from(state, objects[0], NULL, NULL), *weight = NULL, *bias = NULL, *result = NULL;
    if (input && (weight = tensor_from(state, objects[1], NULL, NULL)) &&
        tensor_or_none(state, objects[2], &bias) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = function(NULL, TENSOR(input), TENSOR(weight), bias ? TENSOR(bias) : NULL, options))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(input);
    Py_XDECREF(weight);
    Py_XDECREF(bias);
    return result;
}

static PyObject *direct(PyObject *module, PyObject *args, PyObject *kwargs, int spatial, Convolve function) {
    static char *names[] = {"input", "weight", "bias", "stride", "padding", "dilation", "groups", NULL};
    PyObject *objects[3] = {NULL, NULL, Py_None}, *stride = Py_None, *padding = Py_None, *dilation = Py_None;
    tw_convolution_options options = TW_CONVOLUTION_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OOOOO&", names, &objects[0], &objects[1], &objects[2], &stride,
                                     &padding, &dilation, to_int64, &options.groups))
        return NULL;
    if (axes_of(stride, "stride", spatial, options.stride) < 0 ||
        axes_of(padding, "padding", spatial, options.padding) < 0 ||
        axes_of(dilation, "dilation", spatial, options.dilation) < 0)
        return NULL;
    return convolve(module_state(module), objects, &options, function);
}

static PyObject *transposed(PyObject *module, PyObject *args, PyObject *kwargs, int spatial, Convolve function) {
    static char *names[] = {"input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation", NULL};
    PyObject *objects[3] = {NULL, NULL, Py_None}, *stride = Py_None, *padding = Py_None, *output_padding = Py_None;
    PyObject *dilation = Py_None;
    tw_convolution_options options = TW_CONVOLUTION_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OOOOO&O", names, &objects[0], &objects[1], &objects[2], &stride,
                                     &padding, &output_padding, to_int64, &options.groups, &dilation))
        return NULL;
    if (axes_of(stride, "stride", spatial, options.stride) < 0 ||
        axes_of(padding, "padding", spatial, options.padding) < 0 ||
        axes_of(output_padding, "output_padding", spatial, options.output_padding) < 0 ||
        axes_of(dilation, "dilation", spatial, options.dilation) < 0)
        return NULL;
    return convolve(module_state(module), objects, &options, function);
}

typedef tw_tensor *(*Pool)(tw_scope *, const tw_tensor *, const tw_pooling_options *);

static PyObject *pool(PyObject *module, PyObject *object, const tw_pooling_options *options, Pool function) {
    State *state = module_state(module);
    PyObject *input = tensor_from(state, object, NULL, NULL);
    if (!input) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = function(NULL, TENSOR(input), options))
    Py_DECREF(input);
    return tensor_wrap(state, handle);
}

/* The stride 0 means the kernel's size to the engine, and is a mistake of the caller's. */
static int windows(PyObject *kernel, PyObject *stride, PyObject *padding, int spatial, tw_pooling_options *options) {
    if (axes_of(kernel, "kernel_size", spatial, options->kernel_size) < 0 ||
        axes_of(stride, "stride", spatial, options->stride) < 0 ||
        axes_of(padding, "padding", spatial, options->padding) < 0)
        return -1;
    if (stride != Py_None && (options->stride[0] == 0 || options->stride[1] == 0)) {
        PyErr_SetString(PyExc_ValueError, "pooling: stride is 0; at least 1 is needed");
        return -1;
    }
    return 0;
}

static PyObject *maximum(PyObject *module, PyObject *args, PyObject *kwargs, int spatial, Pool function) {
    static char *names[] = {"input", "kernel_size", "stride", "padding", "dilation", NULL};
    PyObject *input, *kernel, *stride = Py_None, *padding = Py_None, *dilation = Py_None;
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OOO", names, &input, &kernel, &stride, &padding, &dilation))
        return NULL;
    if (windows(kernel, stride, padding, spatial, &options) < 0 ||
        axes_of(dilation, "dilation", spatial, options.dilation) < 0)
        return NULL;
    return pool(module, input, &options, function);
}

static PyObject *average(PyObject *module, PyObject *args, PyObject *kwargs, int spatial, Pool function) {
    static char *names[] = {"input", "kernel_size", "stride", "padding", "count_include_pad", NULL};
    PyObject *input, *kernel, *stride = Py_None, *padding = Py_None;
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    int counts = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OO$p", names, &input, &kernel, &stride, &padding, &counts))
        return NULL;
    options.count_include_pad = counts;
    if (windows(kernel, stride, padding, spatial, &options) < 0) return NULL;
    return pool(module, input, &options, function);
}

#define FUNCTION(NAME, FORM, SPATIAL)                                             \
    static PyObject *NAME(PyObject *module, PyObject *args, PyObject *kwargs) {   \
        return FORM(module, args, kwargs, SPATIAL, tw_##NAME);                    \
    }
FUNCTION(conv1d, direct, 1)
FUNCTION(conv2d, direct, 2)
FUNCTION(conv_transpose1d, transposed, 1)
FUNCTION(conv_transpose2d, transposed, 2)
FUNCTION(max_pool1d, maximum, 1)
FUNCTION(max_pool2d, maximum, 2)
FUNCTION(avg_pool1d, average, 1)
FUNCTION(avg_pool2d, average, 2)

#define DIRECT "(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)\n--\n\n"
#define TRANSPOSED "(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)\n--\n\n"
#define MAXIMUM "(input, kernel_size, stride=None, padding=0, dilation=1)\n--\n\n"
#define AVERAGE "(input, kernel_size, stride=None, padding=0, *, count_include_pad=True)\n--\n\n"

PyMethodDef convolution_functions[] = {
    {"conv1d", METHOD_KEYWORDS(conv1d),
     "conv1d" DIRECT "Cross-correlation of input [N, C, L] with weight [O, C / groups, K], plus bias [O]."},
    {"conv2d", METHOD_KEYWORDS(conv2d),
     "conv2d" DIRECT "Cross-correlation of input [N, C, H, W] with weight [O, C / groups, KH, KW], plus bias [O]."},
    {"conv_transpose1d", METHOD_KEYWORDS(conv_transpose1d),
     "conv_transpose1d" TRANSPOSED "The transpose of conv1d: input [N, C, L], weight [C, O / groups, K]."},
    {"conv_transpose2d", METHOD_KEYWORDS(conv_transpose2d),
     "conv_transpose2d" TRANSPOSED "The transpose of conv2d: input [N, C, H, W], weight [C, O / groups, KH, KW]."},
    {"max_pool1d", METHOD_KEYWORDS(max_pool1d), "max_pool1d" MAXIMUM "The greatest element of each window of [N, C, L]."},
    {"max_pool2d", METHOD_KEYWORDS(max_pool2d),
     "max_pool2d" MAXIMUM "The greatest element of each window of [N, C, H, W]."},
    {"avg_pool1d", METHOD_KEYWORDS(avg_pool1d), "avg_pool1d" AVERAGE "The mean of each window of [N, C, L]."},
    {"avg_pool2d", METHOD_KEYWORDS(avg_pool2d), "avg_pool2d" AVERAGE "The mean of each window of [N, C, H, W]."},
    {0},
};
