/* Convolution and pooling, as functions of tensors. */
#include "talweg_python.h"

int spatial_from(PyObject *object, const char *what, int spatial, int64_t values[2]) {
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
    if (spatial_from(stride, "stride", spatial, options.stride) < 0 ||
        spatial_from(padding, "padding", spatial, options.padding) < 0 ||
        spatial_from(dilation, "dilation", spatial, options.dilation) < 0)
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
    if (spatial_from(stride, "stride", spatial, options.stride) < 0 ||
        spatial_from(padding, "padding", spatial, options.padding) < 0 ||
        spatial_from(output_padding, "output_padding", spatial, options.output_padding) < 0 ||
        spatial_from(dilation, "dilation", spatial, options.dilation) < 0)
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

/* The stride 0 means the kernel's size to the engine, and is a mistake of the caller's; so is a divisor 0. */
int windows_from(PyObject *kernel, PyObject *stride, PyObject *padding, PyObject *dilation, PyObject *divisor, int spatial,
                 tw_pooling_options *options) {
    if (spatial_from(kernel, "kernel_size", spatial, options->kernel_size) < 0 ||
        spatial_from(stride, "stride", spatial, options->stride) < 0 ||
        spatial_from(padding, "padding", spatial, options->padding) < 0 ||
        spatial_from(dilation, "dilation", spatial, options->dilation) < 0)
        return -1;
    if (divisor != Py_None) {
        if (int64_from(divisor, "divisor_override", &options->divisor_override) < 0) return -1;
        if (options->divisor_override == 0) {
            PyErr_SetString(PyExc_ValueError, "pooling: an average cannot be divided by 0");
            return -1;
        }
    }
    if (stride != Py_None && (options->stride[0] == 0 || options->stride[1] == 0)) {
        PyErr_SetString(PyExc_ValueError, "pooling: stride is 0; at least 1 is needed");
        return -1;
    }
    return 0;
}

static PyObject *maximum(PyObject *module, PyObject *args, PyObject *kwargs, int spatial, Pool function) {
    static char *names[] = {"input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", NULL};
    PyObject *input, *kernel, *stride = Py_None, *padding = Py_None, *dilation = Py_None;
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    int ceil_mode = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OOOp", names, &input, &kernel, &stride, &padding, &dilation,
                                     &ceil_mode))
        return NULL;
    options.ceil_mode = ceil_mode;
    if (windows_from(kernel, stride, padding, dilation, Py_None, spatial, &options) < 0) return NULL;
    return pool(module, input, &options, function);
}

static PyObject *average(PyObject *module, PyObject *args, PyObject *kwargs, int spatial, Pool function) {
    static char *names[] = {"input",     "kernel_size",       "stride",           "padding",
                            "ceil_mode", "count_include_pad", "divisor_override", NULL};
    PyObject *input, *kernel, *stride = Py_None, *padding = Py_None, *divisor = Py_None;
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    int ceil_mode = 0, counts = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OOppO", names, &input, &kernel, &stride, &padding, &ceil_mode,
                                     &counts, &divisor))
        return NULL;
    options.ceil_mode = ceil_mode;
    options.count_include_pad = counts;
    if (windows_from(kernel, stride, padding, Py_None, divisor, spatial, &options) < 0) return NULL;
    return pool(module, input, &options, function);
}

typedef tw_tensor *(*Adaptive)(tw_scope *, const tw_tensor *, const int64_t *);

static tw_tensor *mean_1d(tw_scope *scope, const tw_tensor *x, const int64_t *sizes) {
    return tw_adaptive_avg_pool1d(scope, x, sizes[0]);
}
static tw_tensor *mean_2d(tw_scope *scope, const tw_tensor *x, const int64_t *sizes) {
    return tw_adaptive_avg_pool2d(scope, x, sizes[0], sizes[1]);
}
static tw_tensor *greatest_1d(tw_scope *scope, const tw_tensor *x, const int64_t *sizes) {
    return tw_adaptive_max_pool1d(scope, x, sizes[0]);
}
static tw_tensor *greatest_2d(tw_scope *scope, const tw_tensor *x, const int64_t *sizes) {
    return tw_adaptive_max_pool2d(scope, x, sizes[0], sizes[1]);
}

/* One size, or one an axis; None is the input's own, which the engine knows as 0. */
int output_sizes_from(PyObject *object, int spatial, int64_t sizes[2]) {
    bool many = PySequence_Check(object);
    Py_ssize_t count = many ? PySequence_Size(object) : 1;
    if (count != spatial && count != 1) {
        if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "output_size: %zd sizes for %d axes", count, spatial);
        return -1;
    }
    for (Py_ssize_t i = 0; i < 2; ++i) {
        PyObject *item = many ? PySequence_GetItem(object, i < count ? i : count - 1) : Py_NewRef(object);
        if (!item) return -1;
        sizes[i] = 0;
        int status = item == Py_None ? 0 : int64_from(item, "output_size", &sizes[i]);
        if (status == 0 && item != Py_None && sizes[i] < 1) {
            PyErr_Format(PyExc_ValueError, "output_size is %lld; 1 or more is needed", (long long)sizes[i]);
            status = -1;
        }
        Py_DECREF(item);
        if (status < 0) return -1;
    }
    return 0;
}

static PyObject *adaptive(PyObject *module, PyObject *args, PyObject *kwargs, int spatial, Adaptive function) {
    static char *names[] = {"input", "output_size", NULL};
    State *state = module_state(module);
    PyObject *object, *given;
    int64_t sizes[2];
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO", names, &object, &given) ||
        output_sizes_from(given, spatial, sizes) < 0)
        return NULL;
    PyObject *input = tensor_from(state, object, NULL, NULL);
    if (!input) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = function(NULL, TENSOR(input), sizes))
    Py_DECREF(input);
    return tensor_wrap(state, handle);
}

#define ADAPTIVE(NAME, SPATIAL, FUNCTION)                                         \
    static PyObject *NAME(PyObject *module, PyObject *args, PyObject *kwargs) {   \
        return adaptive(module, args, kwargs, SPATIAL, FUNCTION);                 \
    }
ADAPTIVE(adaptive_avg_pool1d, 1, mean_1d)
ADAPTIVE(adaptive_avg_pool2d, 2, mean_2d)
ADAPTIVE(adaptive_max_pool1d, 1, greatest_1d)
ADAPTIVE(adaptive_max_pool2d, 2, greatest_2d)

/* Of a size, or a factor for each axis: (size or None, factor of the height, of the width, linear, corners). */
int upsampling_from(PyObject *object, tw_upsample_options *options) {
    PyObject *size;
    int linear, corners;
    if (!PyArg_ParseTuple(object, "Oddpp", &size, &options->scale_factor[0], &options->scale_factor[1], &linear,
                          &corners) ||
        spatial_from(size, "size", 2, options->size) < 0)
        return -1;
    if (size != Py_None && (options->size[0] == 0 || options->size[1] == 0)) {
        PyErr_SetString(PyExc_ValueError, "upsample: size is 0; 1 or more is needed");
        return -1;
    }
    options->mode = linear ? TW_UPSAMPLE_LINEAR : TW_UPSAMPLE_NEAREST;
    options->align_corners = corners;
    return 0;
}

static PyObject *upsample(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_upsample_options options = TW_UPSAMPLE_OPTIONS_INIT;
    PyObject *object, *given;
    if (!PyArg_ParseTuple(args, "OO!:_upsample", &object, &PyTuple_Type, &given) || upsampling_from(given, &options) < 0)
        return NULL;
    PyObject *input = tensor_from(state, object, NULL, NULL);
    if (!input) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_upsample(NULL, TENSOR(input), &options))
    Py_DECREF(input);
    return tensor_wrap(state, handle);
}

static PyObject *pixel_shuffle(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"input", "upscale_factor", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t factor;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&:pixel_shuffle", names, &object, to_int64, &factor)) return NULL;
    PyObject *input = tensor_from(state, object, NULL, NULL);
    if (!input) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_pixel_shuffle(NULL, TENSOR(input), factor))
    Py_DECREF(input);
    return tensor_wrap(state, handle);
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
#define MAXIMUM "(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)\n--\n\n"
#define AVERAGE \
    "(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)\n--\n\n"
#define COVERING "(input, output_size)\n--\n\n"

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
    {"adaptive_avg_pool1d", METHOD_KEYWORDS(adaptive_avg_pool1d),
     "adaptive_avg_pool1d" COVERING "The mean of each of so many windows that cover [N, C, L]."},
    {"adaptive_avg_pool2d", METHOD_KEYWORDS(adaptive_avg_pool2d),
     "adaptive_avg_pool2d" COVERING "The mean of each of so many windows that cover [N, C, H, W]."},
    {"adaptive_max_pool1d", METHOD_KEYWORDS(adaptive_max_pool1d),
     "adaptive_max_pool1d" COVERING "The greatest element of each of so many windows that cover [N, C, L]."},
    {"adaptive_max_pool2d", METHOD_KEYWORDS(adaptive_max_pool2d),
     "adaptive_max_pool2d" COVERING "The greatest element of each of so many windows that cover [N, C, H, W]."},
    {"_upsample", upsample, METH_VARARGS, NULL},
    {"pixel_shuffle", METHOD_KEYWORDS(pixel_shuffle),
     "pixel_shuffle(input, upscale_factor)\n--\n\n"
     "Channels as pixels (Shi et al., 2016): [N, C r^2, H, W] -> [N, C, H r, W r] of a factor r."},
    {0},
};
