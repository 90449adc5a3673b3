/* Layers of convolution and pooling from C: what they hold, that they are their functions, and what they refuse. */
#include <stddef.h>

#include "check.h"

static void fill(double *x, int count, double phase) {
    for (int i = 0; i < count; ++i) x[i] = sin(1.3 * i + phase);
}

static double numbers[2 * 4 * 6 * 5];

/* [2, 4, 6, 5] in float64. */
static tw_tensor *images(tw_scope *s) {
    fill(numbers, 2 * 4 * 6 * 5, 0.4);
    return tw_tensor_from_data(s, numbers, TW_FLOAT64, SIZES(2, 4, 6, 5));
}

static void is_the_function(void) {
    tw_scope *s = tw_scope_new();
    tw_conv_layer_options options = TW_CONV_LAYER_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.stride[0] = 2;
    options.padding[1] = 1;
    options.groups = 2;
    tw_module *layer = NULL;
    OK(tw_conv2d_new(4, 6, 3, 2, &options, &layer));
    int64_t size = 0;
    OK(tw_module_parameter_size(layer, &size));
    CHECK(size == 6 * 2 * 3 * 2 + 6);
    tw_tensor *weight = tw_module_parameter_named(s, layer, "weight"), *bias = tw_module_parameter_named(s, layer, "bias");
    SHAPE(weight, 6, 2, 3, 2);
    SHAPE(bias, 6);
    tw_convolution_options plain = TW_CONVOLUTION_OPTIONS_INIT;
    plain.stride[0] = 2;
    plain.padding[1] = 1;
    plain.groups = 2;
    tw_tensor *x = images(s);
    CHECK(same_bytes(tw_module_forward(s, layer, x), tw_conv2d(s, x, weight, bias, &plain)));
    tw_module_free(layer);

    /* Reflected padding is tw_pad's. */
    tw_conv_layer_options reflected = TW_CONV_LAYER_OPTIONS_INIT;
    reflected.dtype = TW_FLOAT64;
    reflected.padding[0] = reflected.padding[1] = 2;
    reflected.padding_mode = TW_PAD_REFLECT;
    reflected.bias = false;
    OK(tw_conv2d_new(4, 1, 3, 3, &reflected, &layer));
    const int64_t widths[] = {0, 0, 0, 0, 2, 2, 2, 2};
    tw_tensor *padded = tw_pad(s, x, widths, 4, TW_PAD_REFLECT, 0);
    weight = tw_module_parameter_named(s, layer, "weight");
    CHECK(same_bytes(tw_module_forward(s, layer, x), tw_conv2d(s, padded, weight, NULL, NULL)));
    tw_module_free(layer);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

static void same_size(void) {
    tw_scope *s = tw_scope_new();
    tw_conv_layer_options options = TW_CONV_LAYER_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.same_padding = true;
    options.initializer = TW_INIT_ZEROS;
    options.bias = false;
    tw_module *layer = NULL;
    OK(tw_conv1d_new(1, 1, 4, &options, &layer));
    /* Of three positions of padding one stands before and two behind: the kernel's last element sees x[i + 2]. */
    double one = 1;
    tw_tensor *weight = tw_module_parameter_named(s, layer, "weight");
    OK(tw_tensor_set_requires_grad(weight, false));
    tw_tensor *last = tw_slice(s, weight, 2, 3, 4, 1);
    OK(tw_tensor_assign(last, tw_tensor_from_data(s, &one, TW_FLOAT64, SIZES(1, 1, 1))));
    double values[] = {1, 2, 3, 4, 5};
    tw_tensor *y = tw_module_forward(s, layer, tw_tensor_from_data(s, values, TW_FLOAT64, SIZES(1, 1, 5)));
    SHAPE(y, 1, 1, 5);
    VALUES(y, 0, 3, 4, 5, 0, 0);
    tw_module_free(layer);
    options.stride[0] = 2;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "stride", tw_conv1d_new(1, 1, 4, &options, &layer));
    tw_scope_free(s);
}

static void transposed(void) {
    tw_scope *s = tw_scope_new();
    tw_conv_layer_options options = TW_CONV_LAYER_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.stride[0] = options.stride[1] = 2;
    options.output_padding[1] = 1;
    tw_module *layer = NULL;
    OK(tw_conv_transpose2d_new(4, 3, 3, 2, &options, &layer));
    SHAPE(tw_module_parameter_named(s, layer, "weight"), 4, 3, 3, 2);
    SHAPE(tw_module_forward(s, layer, images(s)), 2, 3, 13, 11);
    tw_module_free(layer);
    OK(tw_conv_transpose1d_new(4, 3, 5, NULL, &layer));
    SHAPE(tw_module_parameter_named(s, layer, "weight"), 4, 3, 5);
    tw_module_free(layer);
    options.same_padding = true;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_conv_transpose2d_new(4, 3, 3, 2, &options, &layer));
    options.same_padding = false;
    options.output_padding[1] = 2;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "output_padding", tw_conv_transpose2d_new(4, 3, 3, 2, &options, &layer));
    tw_scope_free(s);
}

static void separable(void) {
    tw_scope *s = tw_scope_new();
    tw_module *layer = NULL;
    OK(tw_separable_conv2d_new(4, 7, 3, 3, NULL, &layer));
    SHAPE(tw_module_parameter_named(s, layer, "depthwise.weight"), 4, 1, 3, 3);
    SHAPE(tw_module_parameter_named(s, layer, "pointwise.weight"), 7, 4, 1, 1);
    SHAPE(tw_module_forward(s, layer, tw_cast(s, images(s), TW_FLOAT32)), 2, 7, 4, 3);
    tw_module_free(layer);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_separable_conv2d_new(0, 7, 3, 3, NULL, &layer));
    tw_scope_free(s);
}

/* Windows over 1 2 3 4 5 of size 2 and stride 2: the 5 has one of its own, half of which lies beyond. */
static void ceilings(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_reshape(s, VECTOR(s, 1, 2, 3, 4, 5), SIZES(1, 1, 5));
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    VALUES(tw_avg_pool1d(s, x, &options), 0, 1.5, 3.5);
    options.ceil_mode = true;
    VALUES(tw_max_pool1d(s, x, &options), 0, 2, 4, 5);
    VALUES(tw_avg_pool1d(s, x, &options), 1e-15, 1.5, 3.5, 5);
    options.divisor_override = 4;
    VALUES(tw_avg_pool1d(s, x, &options), 1e-15, 0.75, 1.75, 1.25);
    options.divisor_override = -2;
    VALUES(tw_avg_pool1d(s, x, &options), 1e-15, -1.5, -3.5, -2.5);
    options.divisor_override = 0;
    /* With a position of padding at either end: 0 1 | 2 3 | 4 5, and nothing is left over. */
    options.padding[0] = 1;
    VALUES(tw_avg_pool1d(s, x, &options), 1e-15, 0.5, 2.5, 4.5);
    options.count_include_pad = false;
    VALUES(tw_avg_pool1d(s, x, &options), 1e-15, 1, 2.5, 4.5);
    tw_module *layer = NULL;
    OK(tw_max_pool1d_new(&options, &layer));
    CHECK(same_bytes(tw_module_forward(s, layer, x), tw_max_pool1d(s, x, &options)));
    tw_module_free(layer);
    OK(tw_scope_status(s));
    tw_scope_free(s);
}

/* A program that was built before the last fields of the options came: whatever lies behind its struct is not read. */
static void older_options(void) {
    tw_scope *s = tw_scope_new();
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    options.struct_size = offsetof(tw_pooling_options, divisor_override);
    options.divisor_override = 77;
    options.ceil_mode = true;
    tw_tensor *x = tw_reshape(s, VECTOR(s, 1, 2, 3, 4, 5), SIZES(1, 1, 5));
    VALUES(tw_avg_pool1d(s, x, &options), 0, 1.5, 3.5);
    options.struct_size -= 8;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_avg_pool1d(s, x, &options));
    tw_scope_free(s);
}

static void adaptive(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_reshape(s, VECTOR(s, 1, 2, 3, 4, 5), SIZES(1, 1, 5));
    /* Positions 0 1 | 1 2 3 | 3 4. */
    VALUES(tw_adaptive_avg_pool1d(s, x, 3), 1e-15, 1.5, 3, 4.5);
    VALUES(tw_adaptive_max_pool1d(s, x, 3), 0, 2, 4, 5);
    VALUES(tw_adaptive_avg_pool1d(s, x, 1), 1e-15, 3);
    VALUES(tw_adaptive_max_pool1d(s, x, 0), 0, 1, 2, 3, 4, 5);
    tw_module *layer = NULL;
    OK(tw_adaptive_avg_pool2d_new(0, 2, &layer));
    SHAPE(tw_module_forward(s, layer, images(s)), 2, 4, 6, 2);
    tw_module_free(layer);
    OK(tw_adaptive_max_pool2d_new(4, 3, &layer));
    SHAPE(tw_module_forward(s, layer, images(s)), 2, 4, 4, 3);
    tw_module_free(layer);
    OK(tw_global_average_pool_new(&layer));
    SHAPE(tw_module_forward(s, layer, images(s)), 2, 4);
    tw_module_free(layer);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_adaptive_avg_pool1d_new(-1, &layer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_adaptive_max_pool2d_new(1, INT64_MAX, &layer));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_adaptive_avg_pool1d(s, x, INT64_MIN));
    REFUSES(TW_ERROR_SHAPE, tw_adaptive_avg_pool2d(s, x, 1, 1));
    REFUSES(TW_ERROR_SHAPE, tw_global_average_pool(s, VECTOR(s, 1, 2)));
    REFUSES(TW_ERROR_DTYPE, tw_adaptive_max_pool1d(s, tw_cast(s, x, TW_INT64), 2));
    tw_scope_free(s);
}

typedef struct {
    int64_t in, out, height, width;
    tw_status status;
    const char *says;
} Sizes;

static void refused_sizes(void) {
    const Sizes sizes[] = {
        {0, 1, 1, 1, TW_ERROR_INVALID_ARGUMENT, "channels"},
        {1, -1, 1, 1, TW_ERROR_INVALID_ARGUMENT, "channels"},
        {1, 1, 0, 1, TW_ERROR_INVALID_ARGUMENT, "kernel_size"},
        {1, 1, 1, INT64_MIN, TW_ERROR_INVALID_ARGUMENT, "kernel_size"},
        {INT64_MAX, INT64_MAX, 3, 3, TW_ERROR_SHAPE, "conv2d"},
        {1, 1, INT64_MAX, INT64_MAX, TW_ERROR_SHAPE, "conv2d"},
        {1, INT64_MAX, 1, 1, TW_ERROR_SHAPE, "conv2d"},
        {1 << 20, 1 << 20, 64, 64, TW_ERROR_OUT_OF_MEMORY, NULL},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        const Sizes *z = &sizes[i];
        tw_module *layer = NULL;
        if (z->says)
            FAILS_SAYING(z->status, z->says, tw_conv2d_new(z->in, z->out, z->height, z->width, NULL, &layer));
        else
            FAILS(z->status, tw_conv2d_new(z->in, z->out, z->height, z->width, NULL, &layer));
        CHECK(layer == NULL);
    }
}

static void refused_options(void) {
    const tw_conv_layer_options init = TW_CONV_LAYER_OPTIONS_INIT;
    tw_module *layer = NULL;
    tw_conv_layer_options o = init;
#define WITH(field, value, status, says)                                        \
    do {                                                                        \
        o = init;                                                               \
        o.field = (value);                                                      \
        FAILS_SAYING(status, says, tw_conv2d_new(4, 4, 3, 3, &o, &layer));      \
    } while (0)
    WITH(groups, 3, TW_ERROR_INVALID_ARGUMENT, "groups");
    WITH(groups, 0, TW_ERROR_INVALID_ARGUMENT, "groups");
    WITH(groups, INT64_MIN, TW_ERROR_INVALID_ARGUMENT, "groups");
    WITH(stride[0], 0, TW_ERROR_INVALID_ARGUMENT, "stride");
    WITH(stride[1], INT64_MAX, TW_ERROR_INVALID_ARGUMENT, "stride");
    WITH(dilation[1], -1, TW_ERROR_INVALID_ARGUMENT, "dilation");
    WITH(padding[0], -1, TW_ERROR_INVALID_ARGUMENT, "padding");
    WITH(padding_mode, (tw_pad_mode)9, TW_ERROR_INVALID_ARGUMENT, "pad");
    WITH(dtype, TW_INT64, TW_ERROR_DTYPE, "int64");
    WITH(dtype, TW_BFLOAT16, TW_ERROR_DTYPE, "bfloat16");
    WITH(dtype, (tw_dtype)99, TW_ERROR_DTYPE, "99");
    WITH(initializer, (tw_initializer)99, TW_ERROR_INVALID_ARGUMENT, "99");
    WITH(struct_size, 3, TW_ERROR_INVALID_ARGUMENT, "struct_size");
#undef WITH
    FAILS(TW_ERROR_NULL, tw_conv2d_new(1, 1, 1, 1, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_max_pool2d_new(NULL, NULL));
    tw_pooling_options p = TW_POOLING_OPTIONS_INIT;
    p.padding[0] = 2;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "padding", tw_max_pool2d_new(&p, &layer));
    p.padding[0] = 0;
    p.dilation[1] = 2;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "dilation", tw_avg_pool2d_new(&p, &layer));
    p.dilation[1] = 1;
    p.kernel_size[0] = INT32_MAX;
    p.kernel_size[1] = INT32_MAX;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "too large", tw_max_pool2d_new(&p, &layer));
    CHECK(layer == NULL);
}

static void refused_inputs(void) {
    tw_scope *s = tw_scope_new();
    tw_module *layer = NULL;
    OK(tw_conv2d_new(4, 2, 7, 3, NULL, &layer));
    tw_tensor *x = tw_cast(s, images(s), TW_FLOAT32);
    REFUSES_SAYING(TW_ERROR_SHAPE, "conv2d", tw_module_forward(s, layer, x));
    REFUSES(TW_ERROR_DTYPE, tw_module_forward(s, layer, images(s)));
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, layer, tw_reshape(s, x, SIZES(2, 4, 30))));
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, layer, tw_reshape(s, x, SIZES(4, 2, 6, 5))));
    REFUSES(TW_ERROR_NULL, tw_module_forward(s, layer, NULL));
    OK(tw_module_remove(layer, "weight"));
    REFUSES_SAYING(TW_ERROR_STATE, "weight", tw_module_forward(s, layer, x));
    tw_module_free(layer);
    tw_scope_free(s);
}

static void larger(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_reshape(s, VECTOR(s, 1, 2, 4), SIZES(1, 1, 3));
    VALUES(tw_upsample(s, x, NULL), 0, 1, 1, 2, 2, 4, 4);
    tw_upsample_options options = TW_UPSAMPLE_OPTIONS_INIT;
    options.mode = TW_UPSAMPLE_LINEAR;
    /* Places -1/4, 1/4, 3/4, 5/4, 7/4, 9/4, the first and the last at the ends. */
    VALUES(tw_upsample(s, x, &options), 1e-15, 1, 1.25, 1.75, 2.5, 3.5, 4);
    options.size[0] = 5;
    options.align_corners = true;
    VALUES(tw_upsample(s, x, &options), 1e-15, 1, 1.5, 2, 3, 4);
    tw_module *layer = NULL;
    OK(tw_upsample_new(&options, &layer));
    CHECK(same_bytes(tw_module_forward(s, layer, x), tw_upsample(s, x, &options)));
    tw_module_free(layer);
    tw_tensor *four = tw_reshape(s, VECTOR(s, 1, 2, 3, 4, 5, 6, 7, 8), SIZES(1, 4, 1, 2));
    tw_tensor *y = tw_pixel_shuffle(s, four, 2);
    SHAPE(y, 1, 1, 2, 4);
    VALUES(y, 0, 1, 3, 2, 4, 5, 7, 6, 8);
    OK(tw_pixel_shuffle_new(2, &layer));
    CHECK(same_bytes(tw_module_forward(s, layer, four), y));
    tw_module_free(layer);
    layer = NULL;
    REFUSES(TW_ERROR_DTYPE, tw_upsample(s, tw_cast(s, x, TW_INT32), &options));
    REFUSES(TW_ERROR_SHAPE, tw_upsample(s, VECTOR(s, 1, 2), NULL));
    options.mode = TW_UPSAMPLE_NEAREST;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_upsample_new(&options, &layer));
    options.mode = (tw_upsample_mode)7;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_upsample_new(&options, &layer));
    tw_upsample_options sizes = TW_UPSAMPLE_OPTIONS_INIT;
    sizes.size[1] = INT64_MIN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_upsample_new(&sizes, &layer));
    sizes.size[1] = 0;
    sizes.scale_factor[0] = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_upsample_new(&sizes, &layer));
    sizes.scale_factor[0] = 1e300;
    REFUSES(TW_ERROR_SHAPE, tw_upsample(s, x, &sizes));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_pixel_shuffle(s, four, INT64_MIN));
    REFUSES(TW_ERROR_SHAPE, tw_pixel_shuffle(s, four, INT32_MAX));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_pixel_shuffle_new(0, &layer));
    CHECK(layer == NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(is_the_function);
    RUN(same_size);
    RUN(transposed);
    RUN(separable);
    RUN(ceilings);
    RUN(older_options);
    RUN(adaptive);
    RUN(larger);
    RUN(refused_sizes);
    RUN(refused_options);
    RUN(refused_inputs);
    return check_report();
}
