/* Convolution and pooling. The oracle is the definition, in plain loops. */
#include "check.h"

enum { N = 2, C = 4, O = 6, H = 7, W = 9, KH = 3, KW = 2, GROUPS = 2 };
/* Height and width: stride 2 and 3, padding 1 and 2, dilation 2 and 1. */
enum { SH = 2, SW = 3, PH = 1, PW = 2, DH = 2, DW = 1 };
enum { OH = (H + 2 * PH - DH * (KH - 1) - 1) / SH + 1, OW = (W + 2 * PW - DW * (KW - 1) - 1) / SW + 1 };

static void fill(double *x, size_t count, double phase) {
    for (size_t i = 0; i < count; ++i) x[i] = sin(1.7 * (double)i + phase);
}

static const tw_convolution_options *both(tw_convolution_options *options) {
    tw_convolution_options o = {sizeof o, {SH, SW}, {PH, PW}, {DH, DW}, {0, 0}, GROUPS};
    *options = o;
    return options;
}

/* Calls visit(x's, weight's, y's place) for each product. */
static void each(const double *x, const double *w, const double *y, double *out,
                 void (*visit)(double x, double w, double y, int ix, int iw, int iy, double *out)) {
    for (int n = 0; n < N; ++n)
        for (int o = 0; o < O; ++o)
            for (int c = 0; c < C / GROUPS; ++c)
                for (int p = 0; p < OH; ++p)
                    for (int q = 0; q < OW; ++q)
                        for (int i = 0; i < KH; ++i)
                            for (int j = 0; j < KW; ++j) {
                                int r = p * SH - PH + i * DH, s = q * SW - PW + j * DW;
                                if (r < 0 || r >= H || s < 0 || s >= W) continue;
                                int channel = o / (O / GROUPS) * (C / GROUPS) + c;
                                int ix = ((n * C + channel) * H + r) * W + s, iy = ((n * O + o) * OH + p) * OW + q;
                                int iw = ((o * (C / GROUPS) + c) * KH + i) * KW + j;
                                visit(x[ix], w[iw], y[iy], ix, iw, iy, out);
                            }
}

static void to_y(double x, double w, double y, int ix, int iw, int iy, double *out) {
    (void)y, (void)ix, (void)iw;
    out[iy] += x * w;
}
static void to_x(double x, double w, double y, int ix, int iw, int iy, double *out) {
    (void)x, (void)iw, (void)iy;
    out[ix] += w * y;
}
static void to_w(double x, double w, double y, int ix, int iw, int iy, double *out) {
    (void)w, (void)ix, (void)iy;
    out[iw] += x * y;
}

static double x[N * C * H * W], weight[O * C / GROUPS * KH * KW], bias[O], g[N * O * OH * OW];

static void make(void) {
    fill(x, sizeof x / sizeof *x, 0);
    fill(weight, sizeof weight / sizeof *weight, 1);
    fill(bias, O, 2);
    fill(g, sizeof g / sizeof *g, 3);
}

static void convolution(void) {
    static double y[N * O * OH * OW], dx[N * C * H * W], dw[O * C / GROUPS * KH * KW], found[N * C * H * W];
    make();
    tw_convolution_options options;
    tw_scope *s = tw_scope_new();
    tw_tensor *tx = tw_tensor_from_data(s, x, TW_FLOAT64, SIZES(N, C, H, W));
    tw_tensor *tweight = tw_tensor_from_data(s, weight, TW_FLOAT64, SIZES(O, C / GROUPS, KH, KW));
    tw_tensor *tbias = tw_tensor_from_data(s, bias, TW_FLOAT64, SIZES(O));
    tw_tensor *tg = tw_tensor_from_data(s, g, TW_FLOAT64, SIZES(N, O, OH, OW));
    tw_tensor *leaves[] = {tx, tweight, tbias};
    for (int i = 0; i < 3; ++i) OK(tw_tensor_set_requires_grad(leaves[i], true));
    tw_tensor *ty = tw_conv2d(s, tx, tweight, tbias, both(&options));
    SHAPE(ty, N, O, OH, OW);
    for (int i = 0; i < N * O * OH * OW; ++i) y[i] = bias[i / (OH * OW) % O];
    each(x, weight, g, y, to_y);
    OK(tw_tensor_to_double(ty, found, N * O * OH * OW));
    for (int i = 0; i < N * O * OH * OW; ++i) NEAR(found[i], y[i], 1e-14);

    OK(tw_backward(s, tw_sum(s, tw_multiply(s, ty, tg), NULL, 0, false)));
    each(x, weight, g, dx, to_x);
    each(x, weight, g, dw, to_w);
    OK(tw_tensor_to_double(tw_tensor_grad(s, tx), found, N * C * H * W));
    for (int i = 0; i < N * C * H * W; ++i) NEAR(found[i], dx[i], 1e-14);
    OK(tw_tensor_to_double(tw_tensor_grad(s, tweight), found, O * C / GROUPS * KH * KW));
    for (int i = 0; i < O * C / GROUPS * KH * KW; ++i) NEAR(found[i], dw[i], 1e-13);
    double db[O];
    OK(tw_tensor_to_double(tw_tensor_grad(s, tbias), db, O));
    for (int o = 0; o < O; ++o) {
        double sum = 0;
        for (int n = 0; n < N; ++n)
            for (int p = 0; p < OH * OW; ++p) sum += g[(n * O + o) * OH * OW + p];
        NEAR(db[o], sum, 1e-13);
    }
    tw_scope_free(s);
}

/* The gradient to the input is the transposed convolution. */
static void transposed(void) {
    static double dx[N * C * H * W], found[N * C * H * W];
    make();
    memset(dx, 0, sizeof dx);
    tw_convolution_options options;
    both(&options);
    /* What the stride leaves over at the end. */
    options.output_padding[0] = (H + 2 * PH - DH * (KH - 1) - 1) % SH;
    options.output_padding[1] = (W + 2 * PW - DW * (KW - 1) - 1) % SW;
    tw_scope *s = tw_scope_new();
    tw_tensor *tweight = tw_tensor_from_data(s, weight, TW_FLOAT64, SIZES(O, C / GROUPS, KH, KW));
    tw_tensor *tg = tw_tensor_from_data(s, g, TW_FLOAT64, SIZES(N, O, OH, OW));
    tw_tensor *y = tw_conv_transpose2d(s, tg, tweight, NULL, &options);
    SHAPE(y, N, C, H, W);
    each(x, weight, g, dx, to_x);
    OK(tw_tensor_to_double(y, found, N * C * H * W));
    for (int i = 0; i < N * C * H * W; ++i) NEAR(found[i], dx[i], 1e-14);
    tw_scope_free(s);
}

static void one_axis(void) {
    tw_scope *s = tw_scope_new();
    double values[] = {1, 2, 3, 4, 5}, kernel[] = {1, 10};
    tw_tensor *line = tw_tensor_from_data(s, values, TW_FLOAT64, SIZES(1, 1, 5));
    tw_tensor *k = tw_tensor_from_data(s, kernel, TW_FLOAT64, SIZES(1, 1, 2));
    VALUES(tw_reshape(s, tw_conv1d(s, line, k, NULL, NULL), SIZES(4)), 0, 21, 32, 43, 54);
    VALUES(tw_reshape(s, tw_conv_transpose1d(s, line, k, NULL, NULL), SIZES(6)), 0, 1, 12, 23, 34, 45, 50);
    VALUES(tw_reshape(s, tw_max_pool1d(s, line, NULL), SIZES(2)), 0, 2, 4);
    VALUES(tw_reshape(s, tw_avg_pool1d(s, line, NULL), SIZES(2)), 0, 1.5, 3.5);
    tw_scope_free(s);
}

static void pooling(void) {
    tw_scope *s = tw_scope_new();
    double values[] = {1, 8, 3, 4, 5, 6, 7, 2, 9, 0, 11, 12};
    tw_tensor *plane = tw_tensor_from_data(s, values, TW_FLOAT64, SIZES(1, 1, 3, 4));
    OK(tw_tensor_set_requires_grad(plane, true));
    tw_pooling_options options = TW_POOLING_OPTIONS_INIT;
    options.stride[0] = options.stride[1] = 1;
    tw_tensor *y = tw_max_pool2d(s, plane, &options);
    VALUES(tw_reshape(s, y, SIZES(6)), 0, 8, 8, 7, 9, 11, 12);
    OK(tw_backward(s, tw_sum(s, y, NULL, 0, false)));
    VALUES(tw_reshape(s, tw_tensor_grad(s, plane), SIZES(12)), 0, 0, 2, 0, 0, 0, 0, 1, 0, 1, 0, 1, 1);
    options.kernel_size[0] = options.kernel_size[1] = 3;
    options.stride[0] = options.stride[1] = 3;
    options.padding[0] = options.padding[1] = 1;
    /* The windows' parts inside: rows 0-1 and 2, columns 0-1 and 2-3. */
    VALUES(tw_reshape(s, tw_avg_pool2d(s, plane, &options), SIZES(2)), 1e-15, 20.0 / 9, 16.0 / 9);
    options.count_include_pad = false;
    VALUES(tw_reshape(s, tw_avg_pool2d(s, plane, &options), SIZES(2)), 1e-15, 5, 4);
    tw_scope_free(s);
}

static void bad_input(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *image = tw_ones(s, SIZES(1, 4, 5, 5), TW_FLOAT32), *k = tw_ones(s, SIZES(6, 4, 3, 3), TW_FLOAT32);
    tw_convolution_options options = TW_CONVOLUTION_OPTIONS_INIT;
    REFUSES(TW_ERROR_NULL, tw_conv2d(s, image, NULL, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_conv1d(s, image, k, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_conv2d(s, image, tw_ones(s, SIZES(6, 3, 3, 3), TW_FLOAT32), NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_conv2d(s, image, k, tw_ones(s, SIZES(5), TW_FLOAT32), NULL));
    REFUSES(TW_ERROR_DTYPE, tw_conv2d(s, image, tw_cast(s, k, TW_FLOAT64), NULL, NULL));
    options.groups = 2;
    REFUSES(TW_ERROR_SHAPE, tw_conv2d(s, image, k, NULL, &options));
    options.groups = 0;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_conv2d(s, image, k, NULL, &options));
    options.groups = 1;
    options.stride[1] = 0;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_conv2d(s, image, k, NULL, &options));
    options.stride[1] = 1;
    options.padding[0] = -1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_conv2d(s, image, k, NULL, &options));
    options.padding[0] = INT64_MAX;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_conv2d(s, image, k, NULL, &options));
    options.padding[0] = 0;
    options.dilation[0] = 3;
    REFUSES(TW_ERROR_SHAPE, tw_conv2d(s, image, k, NULL, &options));
    options.struct_size = 1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_conv2d(s, image, k, NULL, &options));
    tw_pooling_options windows = TW_POOLING_OPTIONS_INIT;
    windows.padding[0] = 2;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_max_pool2d(s, image, &windows));
    windows.padding[0] = 0;
    windows.kernel_size[0] = 6;
    REFUSES(TW_ERROR_SHAPE, tw_avg_pool2d(s, image, &windows));
    windows.kernel_size[0] = 0;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_max_pool2d(s, image, &windows));
    REFUSES(TW_ERROR_DTYPE, tw_max_pool2d(s, tw_cast(s, image, TW_INT32), NULL));
    tw_scope_free(s);
}

int main(void) {
    RUN(convolution);
    RUN(transposed);
    RUN(one_axis);
    RUN(pooling);
    RUN(bad_input);
    return check_report();
}
