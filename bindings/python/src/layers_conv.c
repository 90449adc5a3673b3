/* Layers of convolution and pooling: what gives a Python object its native half. */
#include "talweg_python.h"

typedef enum { CONV1D, CONV2D, TRANSPOSE1D, TRANSPOSE2D, SEPARABLE2D } Convolution;

static tw_status convolution_new(Convolution kind, int64_t in, int64_t out, const int64_t kernel[2],
                                 const tw_conv_layer_options *options, tw_module **handle) {
    switch (kind) {
    case CONV1D: return tw_conv1d_new(in, out, kernel[0], options, handle);
    case CONV2D: return tw_conv2d_new(in, out, kernel[0], kernel[1], options, handle);
    case TRANSPOSE1D: return tw_conv_transpose1d_new(in, out, kernel[0], options, handle);
    case TRANSPOSE2D: return tw_conv_transpose2d_new(in, out, kernel[0], kernel[1], options, handle);
    default: return tw_separable_conv2d_new(in, out, kernel[0], kernel[1], options, handle);
    }
}

static PyObject *init_convolution(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_conv_layer_options options = TW_CONV_LAYER_OPTIONS_INIT;
    PyObject *self, *kernel, *stride, *padding, *dilation, *output_padding, *dtype, *generator;
    int64_t in, out, sizes[2] = {1, 1};
    int kind, same, mode, bias, initializer;
    if (!PyArg_ParseTuple(args, "O!iO&O&OOOOOO&pipOidO:_init_convolution", state->module_type, &self, &kind, to_int64, &in,
                          to_int64, &out, &kernel, &stride, &padding, &dilation, &output_padding, to_int64,
                          &options.groups, &same, &mode, &bias, &dtype, &initializer, &options.scale, &generator))
        return NULL;
    int spatial = kind == CONV1D || kind == TRANSPOSE1D ? 1 : 2;
    if (spatial_from(kernel, "kernel_size", spatial, sizes) < 0 ||
        spatial_from(stride, "stride", spatial, options.stride) < 0 ||
        spatial_from(padding, "padding", spatial, options.padding) < 0 ||
        spatial_from(dilation, "dilation", spatial, options.dilation) < 0 ||
        spatial_from(output_padding, "output_padding", spatial, options.output_padding) < 0 ||
        dtype_from(state, dtype, &options.dtype) < 0 || generator_from(state, generator, &options.generator) < 0)
        return NULL;
    options.same_padding = same;
    options.padding_mode = (tw_pad_mode)mode;
    options.bias = bias;
    options.initializer = (tw_initializer)initializer;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = convolution_new((Convolution)kind, in, out, sizes, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_pool(PyObject *module, PyObject *args) {
    static tw_status (*const make[])(const tw_pooling_options *, tw_module **) = {
        tw_max_pool1d_new, tw_max_pool2d_new, tw_avg_pool1d_new, tw_avg_pool2d_new};
    State *state = module_state(module);
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    PyObject *self, *kernel, *stride, *padding, *dilation, *divisor;
    int averages, spatial, ceil_mode, counts;
    if (!PyArg_ParseTuple(args, "O!piOOOOppO:_init_pool", state->module_type, &self, &averages, &spatial, &kernel, &stride,
                          &padding, &dilation, &ceil_mode, &counts, &divisor))
        return NULL;
    if (windows_from(kernel, stride, padding, dilation, divisor, spatial, &options) < 0) return NULL;
    options.ceil_mode = ceil_mode;
    options.count_include_pad = counts;
    tw_module *handle = NULL;
    tw_status status = make[2 * averages + (spatial == 2)](&options, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_adaptive_pool(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *self, *given;
    int averages, spatial;
    int64_t sizes[2];
    if (!PyArg_ParseTuple(args, "O!piO:_init_adaptive_pool", state->module_type, &self, &averages, &spatial, &given) ||
        output_sizes_from(given, spatial, sizes) < 0)
        return NULL;
    tw_module *handle = NULL;
    tw_status status;
    if (spatial == 1)
        status = averages ? tw_adaptive_avg_pool1d_new(sizes[0], &handle) : tw_adaptive_max_pool1d_new(sizes[0], &handle);
    else
        status = averages ? tw_adaptive_avg_pool2d_new(sizes[0], sizes[1], &handle)
                          : tw_adaptive_max_pool2d_new(sizes[0], sizes[1], &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_global_average_pool(PyObject *module, PyObject *args) {
    PyObject *self;
    if (!PyArg_ParseTuple(args, "O!:_init_global_average_pool", module_state(module)->module_type, &self)) return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_global_average_pool_new(&handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_upsample(PyObject *module, PyObject *args) {
    tw_upsample_options options = TW_UPSAMPLE_OPTIONS_INIT;
    PyObject *self, *given;
    if (!PyArg_ParseTuple(args, "O!O!:_init_upsample", module_state(module)->module_type, &self, &PyTuple_Type, &given) ||
        upsampling_from(given, &options) < 0)
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_upsample_new(&options, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_pixel_shuffle(PyObject *module, PyObject *args) {
    PyObject *self;
    int64_t factor;
    if (!PyArg_ParseTuple(args, "O!O&:_init_pixel_shuffle", module_state(module)->module_type, &self, to_int64, &factor))
        return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_pixel_shuffle_new(factor, &handle);
    return module_adopt(self, status, handle);
}

PyMethodDef layers_conv_functions[] = {
    {"_init_convolution", init_convolution, METH_VARARGS, NULL},
    {"_init_pool", init_pool, METH_VARARGS, NULL},
    {"_init_adaptive_pool", init_adaptive_pool, METH_VARARGS, NULL},
    {"_init_global_average_pool", init_global_average_pool, METH_VARARGS, NULL},
    {"_init_upsample", init_upsample, METH_VARARGS, NULL},
    {"_init_pixel_shuffle", init_pixel_shuffle, METH_VARARGS, NULL},
    {0},
};
