/* Activations, dropout, containers, the bilinear map, embeddings, positions and initialisers: values by hand, tied
   weights, and what is refused. */
#include "check.h"
#include <unistd.h>

/* A module of several inputs. The scope is one without an earlier error, which tw_module_call would give again. */
static tw_tensor *call(tw_scope *s, tw_module *m, const tw_tensor *a, const tw_tensor *b, const tw_tensor *c,
                       int64_t count) {
    const tw_tensor *inputs[] = {a, b, c};
    tw_tensor *output = NULL;
    return tw_module_call(s, m, inputs, count, &output, 1) == TW_OK ? output : NULL;
}

/* The status of such a call. */
static tw_status called(tw_module *m, const tw_tensor *a, const tw_tensor *b, const tw_tensor *c, int64_t count) {
    const tw_tensor *inputs[] = {a, b, c};
    tw_tensor *output = NULL;
    tw_scope *s = tw_scope_new();
    tw_status status = tw_module_call(s, m, inputs, count, &output, 1);
    tw_scope_free(s);
    return status;
}

static void set(tw_module *m, const char *name, const tw_tensor *values) {
    tw_tensor *parameter = tw_module_parameter_named(NULL, m, name);
    OK(tw_tensor_assign(parameter, values));
    tw_release(parameter);
}

static void activations(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, -4, -1, 0, 0.5, 8);
    const double e = exp(-1);
    VALUES(tw_activate(s, x, TW_ACTIVATION_IDENTITY, NULL), 0, -4, -1, 0, 0.5, 8);
    VALUES(tw_activate(s, x, TW_ACTIVATION_RELU6, NULL), 0, 0, 0, 0, 0.5, 6);
    VALUES(tw_activate(s, x, TW_ACTIVATION_HARDTANH, NULL), 0, -1, -1, 0, 0.5, 1);
    VALUES(tw_activate(s, x, TW_ACTIVATION_HARDSIGMOID, NULL), 1e-15, 0, 1. / 3, 0.5, 3.5 / 6, 1);
    VALUES(tw_activate(s, x, TW_ACTIVATION_HARDSWISH, NULL), 1e-15, 0, -1. / 3, 0, 1.75 / 6, 8);
    VALUES(tw_activate(s, x, TW_ACTIVATION_SOFTSIGN, NULL), 1e-15, -0.8, -0.5, 0, 1. / 3, 8. / 9);
    VALUES(tw_activate(s, x, TW_ACTIVATION_SOFTSHRINK, NULL), 0, -3.5, -0.5, 0, 0, 7.5);
    VALUES(tw_activate(s, x, TW_ACTIVATION_HARDSHRINK, NULL), 0, -4, -1, 0, 0, 8);
    tw_activation_options options = TW_ACTIVATION_OPTIONS_INIT;
    options.threshold = 0;
    options.value = 9;
    VALUES(tw_activate(s, x, TW_ACTIVATION_THRESHOLD, &options), 0, 9, 9, 9, 0.5, 8);
    options.alpha = 2;
    VALUES(tw_activate(s, VECTOR(s, -2, 3), TW_ACTIVATION_CELU, &options), 1e-15, 2 * (e - 1), 3);
    VALUES(tw_activate(s, VECTOR(s, -1, 3), TW_ACTIVATION_ELU, &options), 1e-15, 2 * (e - 1), 3);
    /* Halves: a sigmoid(b), silu(a) b, max(a, 0) b. */
    tw_tensor *halves = MATRIX(s, 2, 2, 1, 0, -2, 3);
    VALUES(tw_activate(s, halves, TW_ACTIVATION_GLU, NULL), 1e-15, 0.5, -2 / (1 + exp(-3)));
    VALUES(tw_activate(s, halves, TW_ACTIVATION_SWIGLU, NULL), 1e-15, 0, -6 / (1 + exp(2)));
    options.axis = 0;
    VALUES(tw_activate(s, halves, TW_ACTIVATION_REGLU, &options), 0, -2, 0);
    VALUES(tw_prelu(s, MATRIX(s, 2, 2, -1, -1, 2, -2), VECTOR(s, 0.5, 3)), 0, -0.5, -3, 2, -6);
    VALUES(tw_prelu(s, tw_scalar(s, -2, TW_FLOAT64), VECTOR(s, 0.5)), 0, -1);
    /* Joined to a linear map by composition. */
    VALUES(tw_linear_activation(s, halves, MATRIX(s, 1, 2, 1, 1), NULL, TW_ACTIVATION_HARDTANH), 0, 1, 1);

    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_activate(s, x, (tw_activation)30, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_activate(s, x, (tw_activation)-1, NULL));
    REFUSES_SAYING(TW_ERROR_SHAPE, "an even number", tw_activate(s, x, TW_ACTIVATION_GEGLU, NULL));
    REFUSES(TW_ERROR_INDEX, tw_activate(s, halves, TW_ACTIVATION_SOFTMIN, &(tw_activation_options){
        sizeof(tw_activation_options), 0, 0, 0, 0, 0, 0, 0, 0, 2}));
    REFUSES_SAYING(TW_ERROR_SHAPE, "3 slopes for the 2 channels", tw_prelu(s, halves, VECTOR(s, 1, 2, 3)));
    tw_module *m = NULL;
    options.low = NAN;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "low is nan", tw_activation_new(TW_ACTIVATION_HARDTANH, &options, &m));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "0 slopes", tw_prelu_new(0, 0.25, TW_FLOAT32, &m));
    FAILS(TW_ERROR_DTYPE, tw_prelu_new(1, 0.25, TW_INT32, &m));
    FAILS(TW_ERROR_NULL, tw_activation_new(TW_ACTIVATION_MISH, NULL, NULL));
    CHECK(m == NULL);
    OK(tw_activation_new(TW_ACTIVATION_MISH, NULL, &m));
    char name[16];
    OK(tw_module_type_name(m, name, sizeof name, NULL));
    TEXT(name, "Mish");
    tw_module_free(m);
    tw_scope_free(s);
}

/* The sum of the differences between the largest and the smallest along axes. */
static double spread(tw_scope *s, const tw_tensor *x, const int64_t *axes, int64_t count) {
    tw_tensor *apart = tw_subtract(s, tw_max(s, x, axes, count, false), tw_min(s, x, axes, count, false));
    return item(tw_sum(s, apart, NULL, 0, false));
}

static void dropout(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    tw_tensor *x = tw_ones(s, SIZES(64, 8, 5), TW_FLOAT64);
    tw_generator *g = NULL;
    OK(tw_generator_new(7, &g));
    tw_tensor *y = tw_channel_dropout(s, g, x, 0.25);
    /* A channel is all 0 or all 4 / 3, and both happen. */
    const int64_t last[] = {2};
    NEAR(spread(s, y, last, 1), 0, 0);
    NEAR(item(tw_max(s, y, NULL, 0, false)), 4. / 3, 1e-15);
    NEAR(item(tw_min(s, y, NULL, 0, false)), 0, 0);
    OK(tw_stochastic_depth_new(0.5, TW_STOCHASTIC_DEPTH_ROW, 3, &m));
    y = tw_module_forward(s, m, x);
    const int64_t rest[] = {1, 2};
    NEAR(spread(s, y, rest, 2), 0, 0);
    OK(tw_module_set_training(m, false));
    CHECK(same_bytes(tw_module_forward(s, m, x), x));
    tw_module_free(m);
    REFUSES(TW_ERROR_SHAPE, tw_channel_dropout(s, g, VECTOR(s, 1, 2), 0.5));
    REFUSES(TW_ERROR_SHAPE, tw_stochastic_depth(s, g, tw_scalar(s, 1, TW_FLOAT64), 0.5, TW_STOCHASTIC_DEPTH_ROW));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_stochastic_depth(s, g, x, 0.5, (tw_stochastic_depth_mode)2));
    const double wrong[] = {-0.1, 1, 2, NAN, INFINITY};
    for (int i = 0; i < 5; ++i) {
        REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_channel_dropout(s, g, x, wrong[i]));
        REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_alpha_dropout(s, g, x, wrong[i], true));
        REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_stochastic_depth(s, g, x, wrong[i], TW_STOCHASTIC_DEPTH_BATCH));
        m = NULL;
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_channel_dropout_new(wrong[i], 0, &m));
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_alpha_dropout_new(wrong[i], false, 0, &m));
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_stochastic_depth_new(wrong[i], TW_STOCHASTIC_DEPTH_ROW, 0, &m));
    }
    tw_generator_free(g);
    tw_scope_free(s);
}

static void containers(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    tw_module *same = NULL, *relu = NULL, *m = NULL;
    OK(tw_identity_new(&same));
    OK(tw_relu_new(&relu));
    VALUES(tw_module_forward(s, same, x), 0, 1, 2, 3, 4, 5, 6);
    OK(tw_flatten_new(0, -1, &m));
    SHAPE(tw_module_forward(s, m, x), 6);
    tw_module_free(m);
    OK(tw_flatten_new(1, 0, &m));
    REFUSES_SAYING(TW_ERROR_SHAPE, "the first comes before the last", tw_module_forward(s, m, x));
    REFUSES(TW_ERROR_INDEX, tw_module_forward(s, m, tw_scalar(s, 1, TW_FLOAT64)));
    tw_module_free(m);
    OK(tw_unflatten_new(-1, (const int64_t[]){-1, 1, 3}, 3, &m));
    SHAPE(tw_module_forward(s, m, x), 2, 1, 1, 3);
    REFUSES_SAYING(TW_ERROR_SHAPE, "does not split", tw_module_forward(s, m, VECTOR(s, 1, 2)));
    tw_module_free(m);
    OK(tw_unflatten_new(0, (const int64_t[]){INT64_MAX, INT64_MAX}, 2, &m));
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, m, x));
    tw_module_free(m);
    m = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_unflatten_new(0, (const int64_t[]){-1, -1}, 2, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_unflatten_new(0, (const int64_t[]){2, -2}, 2, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_unflatten_new(0, NULL, 0, &m));
    FAILS(TW_ERROR_SHAPE, tw_unflatten_new(0, NULL, -1, &m));

    OK(tw_residual_new(relu, NULL, &m));
    VALUES(tw_module_forward(s, m, VECTOR(s, -1, 2)), 0, -1, 4);
    tw_module_free(m);
    tw_module *narrow = NULL;
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.initializer = TW_INIT_ONES;
    OK(tw_linear_new(3, 1, &options, &narrow));
    OK(tw_residual_new(narrow, NULL, &m));
    REFUSES_SAYING(TW_ERROR_SHAPE, "project it", tw_module_forward(s, m, x));
    tw_module_free(m);
    OK(tw_residual_new(narrow, narrow, &m));
    VALUES(tw_module_forward(s, m, x), 0, 12, 30);
    tw_module_free(m);
    m = NULL;
    FAILS(TW_ERROR_NULL, tw_residual_new(NULL, relu, &m));

    tw_module *three[] = {same, relu, narrow};
    OK(tw_parallel_new(three, 2, TW_PARALLEL_MEAN, 0, &m));
    VALUES(tw_module_forward(s, m, VECTOR(s, -1, 2)), 0, -0.5, 2);
    tw_module_free(m);
    OK(tw_parallel_new(three, 3, TW_PARALLEL_SUM, 0, &m));
    REFUSES_SAYING(TW_ERROR_SHAPE, "they must agree", tw_module_forward(s, m, x));
    tw_module_free(m);
    OK(tw_parallel_new(three, 3, TW_PARALLEL_CONCATENATE, -1, &m));
    SHAPE(tw_module_forward(s, m, x), 2, 7);
    tw_module_free(m);
    OK(tw_parallel_new(three, 3, TW_PARALLEL_SEPARATE, 0, &m));
    REFUSES(TW_ERROR_STATE, tw_module_forward(s, m, x));
    const tw_tensor *one[] = {x};
    tw_tensor *outputs[3];
    tw_scope *t = tw_scope_new();
    OK(tw_module_call(t, m, one, 1, outputs, 3));
    SHAPE(outputs[1], 2, 3);
    VALUES(outputs[2], 0, 6, 15);
    const tw_tensor *both[] = {x, x};
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(t, m, both, 2, outputs, 3));
    tw_scope_free(t);
    tw_module_free(m);
    m = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_parallel_new(three, 0, TW_PARALLEL_SUM, 0, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_parallel_new(three, -1, TW_PARALLEL_SUM, 0, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_parallel_new(three, 1, (tw_parallel_combination)4, 0, &m));
    FAILS(TW_ERROR_NULL, tw_parallel_new(NULL, 1, TW_PARALLEL_SUM, 0, &m));
    tw_module_free(same);
    tw_module_free(relu);
    tw_module_free(narrow);
    tw_scope_free(s);
}

static void bilinear(void) {
    tw_scope *s = tw_scope_new(), *t = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2), *b = VECTOR(s, 3, 4, 5), *c = VECTOR(s, 10);
    tw_tensor *w = tw_reshape(s, VECTOR(s, 1, 0, 2, 0, 1, 1), SIZES(1, 2, 3));
    /* 1 (3 + 10) + 2 (4 + 5) + 10 */
    VALUES(tw_bilinear(s, a, b, w, c), 0, 41);
    REFUSES_SAYING(TW_ERROR_SHAPE, "[.., 2] and [.., 3]", tw_bilinear(s, b, a, w, c));
    REFUSES(TW_ERROR_SHAPE, tw_bilinear(s, a, tw_reshape(s, b, SIZES(1, 3)), w, c));
    REFUSES(TW_ERROR_SHAPE, tw_bilinear(s, a, b, w, a));
    REFUSES(TW_ERROR_SHAPE, tw_bilinear(s, a, b, a, c));
    REFUSES(TW_ERROR_DTYPE, tw_bilinear(s, tw_cast(s, a, TW_FLOAT32), b, w, c));
    tw_module *m = NULL;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "0 and 3 inputs", tw_bilinear_new(0, 3, 1, NULL, &m));
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    OK(tw_bilinear_new(2, 3, 1, &options, &m));
    set(m, "weight", w);
    set(m, "bias", c);
    VALUES(call(t, m, a, b, NULL, 2), 0, 41);
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "two inputs, not 1", called(m, a, NULL, NULL, 2));
    FAILS(TW_ERROR_INVALID_ARGUMENT, called(m, a, b, a, 3));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_module_forward(s, m, a));
    tw_module_free(m);
    tw_scope_free(s);
    tw_scope_free(t);
}

static void embeddings(void) {
    tw_scope *s = tw_scope_new(), *t = tw_scope_new();
    tw_tensor *table = MATRIX(s, 3, 2, 1, 2, 3, 4, 5, 6), *ids = INTEGERS(s, 0, 2, 2, 1);
    VALUES(tw_embedding_padded(s, table, ids, 2), 0, 1, 2, 5, 6, 5, 6, 3, 4);
    OK(tw_tensor_set_requires_grad(table, true));
    OK(tw_backward(s, tw_sum(s, tw_embedding_padded(s, table, ids, 2), NULL, 0, false)));
    VALUES(tw_tensor_grad(s, table), 0, 1, 1, 1, 1, 0, 0);
    OK(tw_tensor_set_requires_grad(table, false));
    REFUSES_SAYING(TW_ERROR_INDEX, "padding index 3", tw_embedding_padded(s, table, ids, 3));
    REFUSES(TW_ERROR_INDEX, tw_embedding_padded(s, table, ids, -2));
    REFUSES_SAYING(TW_ERROR_INDEX, "index 3 at position 1", tw_embedding_padded(s, table, INTEGERS(s, 0, 3), -1));
    REFUSES(TW_ERROR_INDEX, tw_embedding_padded(s, table, INTEGERS(s, -1), 0));
    REFUSES(TW_ERROR_DTYPE, tw_embedding_padded(s, table, VECTOR(s, 1), 0));

    tw_bag_options bag = TW_BAG_OPTIONS_INIT;
    tw_tensor *offsets = INTEGERS(s, 0, 2, 2);
    VALUES(tw_embedding_bag(s, table, ids, offsets, NULL, &bag), 0, 3, 4, 0, 0, 4, 5);
    bag.mode = TW_BAG_MAX;
    VALUES(tw_embedding_bag(s, table, ids, offsets, NULL, &bag), 0, 5, 6, 0, 0, 5, 6);
    bag.mode = TW_BAG_SUM;
    VALUES(tw_embedding_bag(s, table, tw_reshape(s, ids, SIZES(2, 2)), NULL, NULL, &bag), 0, 6, 8, 8, 10);
    VALUES(tw_embedding_bag(s, table, ids, offsets, VECTOR(s, 1, 2, 3, 4), &bag), 0, 11, 14, 0, 0, 27, 34);
    bag.padding = 2;
    VALUES(tw_embedding_bag(s, table, ids, offsets, VECTOR(s, 1, 2, 3, 4), &bag), 0, 1, 2, 0, 0, 12, 16);
    bag.last_offset = true;
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "the last offset is 2",
                   tw_embedding_bag(s, table, ids, offsets, NULL, &bag));
    VALUES(tw_embedding_bag(s, table, ids, INTEGERS(s, 0, 4), NULL, &bag), 0, 4, 6);
    bag = (tw_bag_options)TW_BAG_OPTIONS_INIT;
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "offset 2 is 1 after 3",
                   tw_embedding_bag(s, table, ids, INTEGERS(s, 0, 3, 1), NULL, &bag));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_embedding_bag(s, table, ids, INTEGERS(s, 1, 2), NULL, &bag));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_embedding_bag(s, table, ids, INTEGERS(s, 0, 5), NULL, &bag));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_embedding_bag(s, table, ids, INTEGERS(s, 0, INT64_MIN), NULL, &bag));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_embedding_bag(s, table, ids, tw_zeros(s, SIZES(0), TW_INT64), NULL, &bag));
    REFUSES(TW_ERROR_SHAPE, tw_embedding_bag(s, table, ids, NULL, NULL, &bag));
    REFUSES(TW_ERROR_SHAPE, tw_embedding_bag(s, table, ids, VECTOR(s, 0), NULL, &bag));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_embedding_bag(s, table, ids, offsets, VECTOR(s, 1, 2, 3, 4), &bag));
    REFUSES(TW_ERROR_INDEX, tw_embedding_bag(s, table, INTEGERS(s, 0, 3), INTEGERS(s, 0), NULL, &bag));
    bag.mode = TW_BAG_SUM;
    REFUSES(TW_ERROR_SHAPE, tw_embedding_bag(s, table, ids, offsets, VECTOR(s, 1, 2), &bag));
    bag.mode = (tw_bag_mode)3;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_embedding_bag(s, table, ids, offsets, NULL, &bag));
    bag = (tw_bag_options)TW_BAG_OPTIONS_INIT;
    tw_tensor *none = tw_zeros(s, SIZES(0), TW_INT64);
    SHAPE(tw_embedding_bag(s, table, none, none, NULL, &bag), 0, 2);
    VALUES(tw_embedding_bag(s, table, tw_zeros(s, SIZES(2, 0), TW_INT64), NULL, NULL, &bag), 0, 0, 0, 0, 0);

    tw_module *m = NULL;
    tw_embedding_options options = TW_EMBEDDING_OPTIONS_INIT;
    options.padding = 1;
    OK(tw_embedding_new(3, 2, &options, &m));
    VALUES(tw_module_forward(s, m, INTEGERS(s, 1)), 0, 0, 0);
    tw_module_free(m);
    m = NULL;
    options.padding = 3;
    FAILS(TW_ERROR_INDEX, tw_embedding_new(3, 2, &options, &m));
    options.padding = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_embedding_new(0, 2, &options, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_embedding_bag_new(3, -1, &options, NULL, &m));
    options.max_norm = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_embedding_new(3, 2, &options, &m));
    options.max_norm = 0;
    options.dtype = TW_INT64;
    FAILS(TW_ERROR_DTYPE, tw_embedding_new(3, 2, &options, &m));
    options.weight = table;
    FAILS_SAYING(TW_ERROR_SHAPE, "not [2, 2]", tw_embedding_new(2, 2, &options, &m));
    options.frozen = true;
    OK(tw_embedding_new(3, 2, &options, &m));
    bool required = true;
    OK(tw_tensor_requires_grad(table, &required));
    CHECK(!required);
    VALUES(tw_module_forward(s, m, INTEGERS(s, 2)), 0, 5, 6);
    tw_module_free(m);
    OK(tw_embedding_bag_new(3, 2, &options, NULL, &m));
    VALUES(call(t, m, ids, offsets, NULL, 2), 0, 3, 4, 0, 0, 4, 5);
    FAILS(TW_ERROR_INVALID_ARGUMENT, called(m, NULL, offsets, NULL, 2));
    tw_module_free(m);
    /* 5 of norm(3, 4); the third row's is sqrt(61). */
    OK(tw_embedding_limit(table, ids, 5, 2));
    VALUES(table, 1e-6, 1, 2, 3, 4, 25 / sqrt(61), 30 / sqrt(61));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_embedding_limit(table, ids, 0, 2));
    FAILS(TW_ERROR_INDEX, tw_embedding_limit(table, INTEGERS(s, 9), 1, 2));
    tw_scope_free(s);
    tw_scope_free(t);
}

static void positions(void) {
    tw_scope *s = tw_scope_new(), *t = tw_scope_new();
    const double slow = pow(100, -2. / 3);
    VALUES(tw_sinusoidal_positions(s, 2, 3, 5, 100, TW_FLOAT64), 1e-15, sin(5), cos(5), sin(5 * slow), sin(6), cos(6),
           sin(6 * slow));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_sinusoidal_positions(s, -1, 3, 0, 100, TW_FLOAT64));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_sinusoidal_positions(s, 1, 0, 0, 100, TW_FLOAT64));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_sinusoidal_positions(s, 1, 3, INT64_MAX, 100, TW_FLOAT64));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_sinusoidal_positions(s, 1, 3, 0, -1, TW_FLOAT64));
    REFUSES(TW_ERROR_DTYPE, tw_sinusoidal_positions(s, 1, 3, 0, 100, TW_INT32));
    CHECK(tw_sinusoidal_positions(s, INT64_MAX / 2, INT64_MAX / 2, 0, 100, TW_FLOAT64) == NULL);
    SHAPE(tw_sinusoidal_positions(s, 0, INT64_MAX / 64, 0, 100, TW_FLOAT64), 0, INT64_MAX / 64);

    tw_rotary_options options = TW_ROTARY_OPTIONS_INIT;
    options.base = 100;
    tw_tensor *row = MATRIX(s, 1, 4, 1, 2, 3, 4);
    /* Position 3: the pairs (1, 3) and (2, 4) by 3 and 3 / 10. */
    options.offset = 3;
    const double c = cos(3), d = sin(3), f = cos(0.3), g = sin(0.3);
    VALUES(tw_rotary(s, row, NULL, &options), 1e-15, c - 3 * d, 2 * f - 4 * g, 3 * c + d, 4 * f + 2 * g);
    options.pairs = TW_ROTARY_NEIGHBOURS;
    VALUES(tw_rotary(s, row, NULL, &options), 1e-15, c - 2 * d, 2 * c + d, 3 * f - 4 * g, 4 * f + 3 * g);
    options.width = 2;
    VALUES(tw_rotary(s, row, NULL, &options), 1e-15, c - 2 * d, 2 * c + d, 3, 4);
    tw_module *m = NULL;
    OK(tw_rotary_new(&options, &m));
    VALUES(tw_module_forward(s, m, row), 1e-15, c - 2 * d, 2 * c + d, 3, 4);
    VALUES(call(t, m, row, INTEGERS(s, 0), NULL, 2), 1e-15, c - 2 * d, 2 * c + d, 3, 4);
    FAILS(TW_ERROR_SHAPE, called(m, row, INTEGERS(s, 0, 1), NULL, 2));
    tw_module_free(m);
    m = NULL;
    REFUSES(TW_ERROR_INDEX, tw_rotary(s, row, INTEGERS(s, -1), &options));
    REFUSES(TW_ERROR_DTYPE, tw_rotary(s, row, VECTOR(s, 1), &options));
    REFUSES(TW_ERROR_SHAPE, tw_rotary(s, VECTOR(s, 1, 2), NULL, &options));
    options.width = 3;
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "even", tw_rotary(s, row, NULL, &options));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_rotary_new(&options, &m));
    options.width = 6;
    REFUSES(TW_ERROR_SHAPE, tw_rotary(s, row, NULL, &options));
    options.width = 2;
    options.offset = -1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_rotary(s, row, NULL, &options));
    options.offset = INT64_MAX;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_rotary(s, row, NULL, &options));
    options.offset = 0;
    options.pairs = (tw_rotary_pairs)2;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_rotary(s, row, NULL, &options));
    SHAPE(tw_rotary(s, tw_zeros(s, SIZES(2, 0, 4), TW_FLOAT32), NULL, NULL), 2, 0, 4);

    OK(tw_sinusoidal_positions_new(2, 10000, &m));
    VALUES(tw_module_forward(s, m, MATRIX(s, 2, 2, 0, 0, 0, 0)), 1e-15, 0, 1, sin(1), cos(1));
    VALUES(call(t, m, MATRIX(s, 1, 2, 0, 0), INTEGERS(s, 7), NULL, 2), 1e-15, sin(7), cos(7));
    FAILS(TW_ERROR_INDEX, called(m, MATRIX(s, 1, 2, 0, 0), INTEGERS(s, INT64_MAX), NULL, 2));
    FAILS(TW_ERROR_INDEX, called(m, MATRIX(s, 1, 2, 0, 0), INTEGERS(s, 1 << 20), NULL, 2));
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, m, row));
    tw_module_free(m);
    tw_linear_options start = TW_LINEAR_OPTIONS_INIT;
    start.dtype = TW_FLOAT64;
    start.initializer = TW_INIT_ONES;
    OK(tw_learned_positions_new(2, 4, &start, &m));
    VALUES(tw_module_forward(s, m, row), 0, 2, 3, 4, 5);
    REFUSES_SAYING(TW_ERROR_INDEX, "3 positions, of 2", tw_module_forward(s, m, tw_zeros(s, SIZES(3, 4), TW_FLOAT64)));
    FAILS(TW_ERROR_INDEX, called(m, row, INTEGERS(s, 2), NULL, 2));
    tw_module_free(m);
    m = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_learned_positions_new(0, 4, NULL, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_sinusoidal_positions_new(0, 10000, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_sinusoidal_positions_new(4, NAN, &m));
    tw_scope_free(s);
    tw_scope_free(t);
}

static void initializers(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_zeros(s, SIZES(2, 3), TW_FLOAT64), *flat = tw_zeros(s, SIZES(3), TW_FLOAT64);
    tw_initializer_options options = TW_INITIALIZER_OPTIONS_INIT;
    OK(tw_initialize(x, TW_INIT_EYE, NULL));
    VALUES(x, 0, 1, 0, 0, 0, 1, 0);
    options.scale = -2;
    OK(tw_initialize(flat, TW_INIT_CONSTANT, &options));
    VALUES(flat, 0, -2, -2, -2);
    OK(tw_initialize(flat, TW_INIT_ONES, NULL));
    VALUES(flat, 0, 1, 1, 1);
    OK(tw_initialize(x, TW_INIT_ORTHOGONAL, NULL));
    VALUES(tw_matmul(s, x, tw_transpose(s, x, 0, 1)), 1e-14, 1, 0, 0, 1);
    tw_tensor *taps = tw_ones(s, SIZES(4, 2, 3), TW_FLOAT64);
    options.groups = 2;
    OK(tw_initialize(taps, TW_INIT_DIRAC, &options));
    VALUES(taps, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);

    /* What is refused leaves the tensor as it was. */
    FAILS(TW_ERROR_SHAPE, tw_initialize(flat, TW_INIT_ORTHOGONAL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_initialize(flat, TW_INIT_XAVIER_NORMAL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_initialize(flat, TW_INIT_EYE, NULL));
    FAILS(TW_ERROR_SHAPE, tw_initialize(flat, TW_INIT_DIRAC, NULL));
    options.groups = 3;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(taps, TW_INIT_DIRAC, &options));
    options.groups = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(taps, TW_INIT_DIRAC, &options));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(flat, TW_INIT_NORMAL, &options));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(flat, TW_INIT_TRUNCATED_NORMAL, &options));
    options.scale = 1;
    options.low = options.high = 1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(flat, TW_INIT_TRUNCATED_NORMAL, &options));
    options.low = 60;
    options.high = 61;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(flat, TW_INIT_TRUNCATED_NORMAL, &options));
    options.gain = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(x, TW_INIT_HE_NORMAL, &options));
    options.gain = 1;
    options.fan = (tw_fan)3;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(x, TW_INIT_HE_NORMAL, &options));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initialize(x, (tw_initializer)16, NULL));
    FAILS(TW_ERROR_DTYPE, tw_initialize(INTEGERS(s, 1), TW_INIT_ONES, NULL));
    FAILS(TW_ERROR_NULL, tw_initialize(NULL, TW_INIT_ONES, NULL));
    VALUES(flat, 0, 1, 1, 1);
    /* Ten standard deviations out there is still something. */
    options = (tw_initializer_options)TW_INITIALIZER_OPTIONS_INIT;
    options.low = 10;
    options.high = 11;
    OK(tw_initialize(flat, TW_INIT_TRUNCATED_NORMAL, &options));
    CHECK(item(tw_min(s, flat, NULL, 0, false)) >= 10 && item(tw_max(s, flat, NULL, 0, false)) <= 11);

    double gain = 0;
    OK(tw_initializer_gain(TW_ACTIVATION_LEAKY_RELU, 0.5, &gain));
    NEAR(gain, sqrt(1.6), 1e-15);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initializer_gain(TW_ACTIVATION_SOFTPLUS, 0, &gain));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_initializer_gain(TW_ACTIVATION_LEAKY_RELU, NAN, &gain));
    FAILS(TW_ERROR_NULL, tw_initializer_gain(TW_ACTIVATION_RELU, 0, NULL));
    tw_scope_free(s);
}

/* One tensor as the weight of an embedding and of the linear map behind it. */
static void tying(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/talweg-tied-%d.safetensors", (int)getpid());
    tw_scope *s = tw_scope_new();
    tw_module *pairs[2];
    for (int i = 0; i < 2; ++i) {
        tw_module *table = NULL, *head = NULL;
        tw_embedding_options options = TW_EMBEDDING_OPTIONS_INIT;
        options.dtype = TW_FLOAT64;
        tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
        linear.dtype = TW_FLOAT64;
        linear.bias = false;
        OK(tw_embedding_new(5, 3, &options, &table));
        OK(tw_linear_new(3, 5, &linear, &head));
        OK(tw_module_set_parameter(head, "weight", tw_module_parameter_named(s, table, "weight")));
        tw_module *both[] = {table, head};
        OK(tw_sequential_new(both, 2, &pairs[i]));
        tw_module_free(table);
        tw_module_free(head);
    }
    int64_t count = 0, size = 0;
    OK(tw_module_parameter_count(pairs[0], &count));
    OK(tw_module_parameter_size(pairs[0], &size));
    CHECK(count == 1 && size == 15);
    tw_tensor *ids = INTEGERS(s, 1, 4), *weight = tw_module_parameter_named(s, pairs[0], "0.weight");
    /* y = W[ids] W': each of a product's two factors brings its gradient. */
    OK(tw_backward(s, tw_sum(s, tw_module_forward(s, pairs[0], ids), NULL, 0, false)));
    double w[15], expected[15] = {0};
    OK(tw_tensor_to_double(weight, w, 15));
    const int picked[] = {1, 4};
    for (int p = 0; p < 2; ++p)
        for (int row = 0; row < 5; ++row)
            for (int k = 0; k < 3; ++k) {
                expected[3 * picked[p] + k] += w[3 * row + k];
                expected[3 * row + k] += w[3 * picked[p] + k];
            }
    VALUES_AT(tw_tensor_grad(s, weight), 1e-13, expected, 15);
    OK(tw_module_save(pairs[0], path));
    OK(tw_module_load(pairs[1], path));
    CHECK(same_bytes(weight, tw_module_parameter_named(s, pairs[1], "0.weight")));
    CHECK(same_bytes(weight, tw_module_parameter_named(s, pairs[1], "1.weight")));
    CHECK(same_bytes(tw_module_forward(s, pairs[0], ids), tw_module_forward(s, pairs[1], ids)));
    unlink(path);
    tw_module_free(pairs[0]);
    tw_module_free(pairs[1]);
    tw_scope_free(s);
}

int main(void) {
    RUN(activations);
    RUN(dropout);
    RUN(containers);
    RUN(bilinear);
    RUN(embeddings);
    RUN(positions);
    RUN(initializers);
    RUN(tying);
    return check_report();
}
