/* Layers and networks: values by hand, names, modes, sharing, saving. */
#include "check.h"
#include <unistd.h>

static void set(tw_module *module, const char *name, const tw_tensor *values) {
    tw_scope *s = tw_scope_new();
    OK(tw_tensor_assign(tw_module_parameter_named(s, module, name), values));
    tw_scope_free(s);
}

static const char *name_of(const tw_module *module, int64_t index) {
    static char text[64];
    size_t needed = 0;
    text[0] = 0;
    OK(tw_module_parameter_name(module, index, text, sizeof text, &needed));
    CHECK(needed == strlen(text) + 1);
    return text;
}

static void linear(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    OK(tw_linear_new(2, 3, &options, &m));
    SHAPE(tw_module_parameter(s, m, 0), 3, 2);
    SHAPE(tw_module_parameter(s, m, 1), 3);
    TEXT(name_of(m, 0), "weight");
    TEXT(name_of(m, 1), "bias");
    set(m, "weight", MATRIX(s, 3, 2, 1, 2, 3, 4, 5, 6));
    set(m, "bias", VECTOR(s, 10, 20, 30));
    VALUES(tw_module_forward(s, m, VECTOR(s, 1, 1)), 0, 13, 27, 41);
    SHAPE(tw_module_forward(s, m, tw_ones(s, SIZES(4, 5, 2), TW_FLOAT64)), 4, 5, 3);
    int64_t count = 0, size = 0;
    OK(tw_module_parameter_count(m, &count));
    OK(tw_module_parameter_size(m, &size));
    CHECK(count == 2 && size == 9);
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(s, m, VECTOR(s, 1, 2, 3)));
    REFUSES(TW_ERROR_INDEX, tw_module_parameter(s, m, 2));
    REFUSES(TW_ERROR_INDEX, tw_module_parameter_named(s, m, "0.weight"));
    tw_module_free(m);
    options.bias = false;
    OK(tw_linear_new(2, 3, &options, &m));
    OK(tw_module_parameter_count(m, &count));
    CHECK(count == 1);
    tw_module_free(m);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_linear_new(-1, 3, NULL, &m));
    options.dtype = TW_INT32;
    CHECK(tw_linear_new(2, 3, &options, &m) != TW_OK);
    tw_scope_free(s);
}

static void initializers(void) {
    /* 200 in, 300 out: bounds and standard deviations from the header's formulas; a sample
       variance of n numbers is within 5 sqrt(k / n) of its value, k = 0.8 uniform, 2 normal. */
    const double in = 200, out = 300, n = in * out, scale = 0.3;
    const struct {
        tw_initializer initializer;
        double bound, variance;
    } table[] = {
        {TW_INIT_DEFAULT, 1 / sqrt(in), 1 / in / 3},
        {TW_INIT_HE_UNIFORM, sqrt(6 / in), 2 / in},
        {TW_INIT_HE_NORMAL, INFINITY, 2 / in},
        {TW_INIT_XAVIER_UNIFORM, sqrt(6 / (in + out)), 2 / (in + out)},
        {TW_INIT_XAVIER_NORMAL, INFINITY, 2 / (in + out)},
        {TW_INIT_UNIFORM, scale, scale * scale / 3},
        {TW_INIT_NORMAL, INFINITY, scale * scale},
        {TW_INIT_ZEROS, 0, 0},
    };
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(8, &g));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; ++i) {
        tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
        options.dtype = TW_FLOAT64;
        options.initializer = table[i].initializer;
        options.scale = scale;
        options.generator = g;
        tw_module *m = NULL;
        OK(tw_linear_new(200, 300, &options, &m));
        tw_tensor *weight = tw_module_parameter_named(s, m, "weight"), *bias = tw_module_parameter_named(s, m, "bias");
        double largest = item(tw_max(s, tw_absolute(s, weight), NULL, 0, false));
        double variance = item(tw_mean(s, tw_square(s, weight), NULL, 0, false));
        CHECK(largest <= table[i].bound);
        if (isfinite(table[i].bound)) CHECK(largest >= 0.999 * table[i].bound);
        if (table[i].variance > 0) NEAR(variance / table[i].variance, 1, 5 * sqrt(2 / n));
        largest = item(tw_max(s, tw_absolute(s, bias), NULL, 0, false));
        CHECK(table[i].initializer == TW_INIT_DEFAULT ? largest > 0 && largest <= table[i].bound : largest == 0);
        tw_module_free(m);
    }
    tw_generator_free(g);
    tw_scope_free(s);
}

static void activations(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, -2, 0, 1.5);
    tw_module *m = NULL;
    OK(tw_relu_new(&m));
    VALUES(tw_module_forward(s, m, x), 0, 0, 0, 1.5);
    tw_module_free(m);
    OK(tw_tanh_new(&m));
    VALUES(tw_module_forward(s, m, x), 1e-15, tanh(-2), 0, tanh(1.5));
    tw_module_free(m);
    OK(tw_sigmoid_new(&m));
    VALUES(tw_module_forward(s, m, x), 1e-15, 1 / (1 + exp(2)), 0.5, 1 / (1 + exp(-1.5)));
    tw_module_free(m);
    OK(tw_gelu_new(&m));
    VALUES(tw_module_forward(s, m, x), 1e-15, -1 - erf(-sqrt(2)), 0, 0.75 * (1 + erf(1.5 / sqrt(2))));
    tw_module_free(m);
    OK(tw_softmax_new(-1, &m));
    VALUES(tw_module_forward(s, m, VECTOR(s, 0, log(3))), 1e-15, 0.25, 0.75);
    tw_module_free(m);
    tw_scope_free(s);
}

static void dropout_follows_the_mode(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL, *same = NULL;
    OK(tw_dropout_new(0.5, 6, &m));
    OK(tw_dropout_new(0.5, 6, &same));
    tw_tensor *x = tw_ones(s, SIZES(1000), TW_FLOAT64);
    bool training = false;
    OK(tw_module_is_training(m, &training));
    CHECK(training);
    tw_tensor *first = tw_module_forward(s, m, x), *second = tw_module_forward(s, m, x);
    CHECK(same_bytes(first, tw_module_forward(s, same, x)));
    CHECK(!same_bytes(first, second));
    NEAR(item(tw_mean(s, first, NULL, 0, false)), 1, 0.16); /* 5 / sqrt(1000) */
    OK(tw_module_set_training(m, false));
    CHECK(same_bytes(x, tw_module_forward(s, m, x)));
    tw_module_free(m);
    tw_module_free(same);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_dropout_new(1, 0, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_dropout_new(-0.1, 0, &m));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_dropout_new(NAN, 0, &m));
    tw_scope_free(s);
}

static tw_module *small_network(uint64_t seed) {
    tw_generator *g = NULL;
    OK(tw_generator_new(seed, &g));
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.generator = g;
    tw_module *layers[3] = {NULL, NULL, NULL}, *network = NULL;
    OK(tw_linear_new(4, 8, &options, &layers[0]));
    OK(tw_tanh_new(&layers[1]));
    OK(tw_linear_new(8, 3, &options, &layers[2]));
    OK(tw_sequential_new(layers, 3, &network));
    for (int i = 0; i < 3; ++i) tw_module_free(layers[i]); /* the network keeps them */
    tw_generator_free(g);
    return network;
}

static void a_sequence(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = small_network(1);
    const char *names[] = {"0.weight", "0.bias", "2.weight", "2.bias"};
    for (int64_t i = 0; i < 4; ++i) TEXT(name_of(m, i), names[i]);
    int64_t count = 0, size = 0;
    OK(tw_module_parameter_count(m, &count));
    OK(tw_module_parameter_size(m, &size));
    CHECK(count == 4 && size == 4 * 8 + 8 + 8 * 3 + 3);
    SHAPE(tw_module_forward(s, m, tw_ones(s, SIZES(5, 4), TW_FLOAT32)), 5, 3);
    tw_module *relu = NULL;
    OK(tw_relu_new(&relu));
    OK(tw_sequential_append(m, relu));
    tw_module_free(relu);
    CHECK(item(tw_min(s, tw_module_forward(s, m, tw_random_normal(s, NULL, SIZES(50, 4), 0, 1, TW_FLOAT32)), NULL, 0,
                      false)) >= 0);
    char text[4096];
    OK(tw_module_to_string(m, text, sizeof text, NULL));
    CHECK(strstr(text, "67") != NULL); /* 32 + 8 + 24 + 3 parameters */
    tw_module_free(m);
    /* One without layers passes its input through. */
    OK(tw_sequential_new(NULL, 0, &m));
    VALUES(tw_module_forward(s, m, VECTOR(s, 1, 2)), 0, 1, 2);
    tw_module_free(m);
    tw_scope_free(s);
}

static void modes_reach_the_children(void) {
    tw_scope *s = tw_scope_new();
    tw_module *dropout = NULL, *network = NULL;
    OK(tw_dropout_new(0.9, 0, &dropout));
    OK(tw_sequential_new(&dropout, 1, &network));
    OK(tw_module_set_training(network, false));
    bool training = true;
    OK(tw_module_is_training(dropout, &training));
    CHECK(!training);
    tw_module_free(dropout);
    tw_module_free(network);
    tw_scope_free(s);
}

static void shared_parameters_count_once(void) {
    tw_module *layer = NULL, *network = NULL;
    OK(tw_linear_new(3, 3, NULL, &layer));
    tw_module *twice[] = {layer, layer};
    OK(tw_sequential_new(twice, 2, &network));
    int64_t count = 0, size = 0;
    OK(tw_module_parameter_count(network, &count));
    OK(tw_module_parameter_size(network, &size));
    CHECK(count == 2 && size == 12);
    TEXT(name_of(network, 1), "0.bias");
    tw_module_free(layer);
    tw_module_free(network);
}

static void a_parameter_is_the_tensor_itself(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = small_network(1);
    tw_tensor *bias = tw_module_parameter_named(s, m, "2.bias");
    OK(tw_tensor_assign(bias, tw_full(s, SIZES(3), 5, TW_FLOAT32)));
    VALUES(tw_module_parameter(s, m, 3), 0, 5, 5, 5);
    bool required = false, leaf = false, present = false;
    OK(tw_tensor_requires_grad(bias, &required));
    OK(tw_tensor_is_leaf(bias, &leaf));
    CHECK(required && leaf);
    OK(tw_backward(s, tw_sum(s, tw_module_forward(s, m, tw_ones(s, SIZES(2, 4), TW_FLOAT32)), NULL, 0, false)));
    VALUES(tw_tensor_grad(s, bias), 0, 2, 2, 2);
    OK(tw_module_zero_grad(m));
    OK(tw_tensor_has_grad(bias, &present));
    CHECK(!present);
    tw_module_free(m);
    VALUES(bias, 0, 5, 5, 5); /* it outlives the module */
    tw_scope_free(s);
}

/* y = a x^2 + b, with a counted destroy. */
struct square_layer {
    tw_tensor *a, *b;
    int calls, destroyed;
};

static int square_forward(void *context, tw_scope *scope, tw_tensor *input, tw_tensor **output) {
    struct square_layer *layer = context;
    ++layer->calls;
    *output = tw_add(scope, tw_multiply(scope, layer->a, tw_square(scope, input)), layer->b);
    return *output == NULL;
}

static void square_destroy(void *context) { ++((struct square_layer *)context)->destroyed; }

static int refuse_forward(void *context, tw_scope *scope, tw_tensor *input, tw_tensor **output) {
    (void)context, (void)scope, (void)input, (void)output;
    return 1;
}

static void a_module_of_the_callers_own(void) {
    tw_scope *s = tw_scope_new();
    struct square_layer layer = {VECTOR(s, 3), VECTOR(s, 1), 0, 0};
    tw_module *m = NULL, *network = NULL;
    OK(tw_callback_module_new(square_forward, &layer, square_destroy, &m));
    OK(tw_module_set_parameter(m, "a", layer.a));
    OK(tw_module_set_parameter(m, "b", layer.b));
    OK(tw_sequential_new(&m, 1, &network));
    TEXT(name_of(network, 0), "0.a");
    tw_tensor *y = tw_module_forward(s, network, VECTOR(s, 2));
    VALUES(y, 0, 13);
    OK(tw_backward(s, y));
    VALUES(tw_tensor_grad(s, layer.a), 0, 4);
    VALUES(tw_tensor_grad(s, layer.b), 0, 1);
    CHECK(layer.calls == 1 && layer.destroyed == 0);
    /* An operation that fails inside is the error of the call: [1, 2] + [3] does not fit. */
    tw_scope *inner = tw_scope_new();
    layer.b = VECTOR(s, 1, 2, 3);
    REFUSES(TW_ERROR_SHAPE, tw_module_forward(inner, network, VECTOR(s, 1, 2)));
    CHECK(tw_scope_status(inner) == TW_ERROR_SHAPE);
    tw_scope_free(inner);
    tw_module_free(m);
    CHECK(layer.destroyed == 0);
    tw_module_free(network);
    tw_scope_free(s);
    CHECK(layer.destroyed == 1);
}

static void a_forward_that_refuses(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    OK(tw_callback_module_new(refuse_forward, NULL, NULL, &m));
    REFUSES(TW_ERROR_CANCELLED, tw_module_forward(s, m, VECTOR(s, 1)));
    CHECK(tw_scope_status(s) == TW_ERROR_CANCELLED);
    FAILS(TW_ERROR_NULL, tw_callback_module_new(NULL, NULL, NULL, &m));
    tw_module_free(m);
    tw_scope_free(s);
}

static void names_and_children(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL, *child = NULL;
    OK(tw_callback_module_new(refuse_forward, NULL, NULL, &m));
    OK(tw_linear_new(1, 1, NULL, &child));
    tw_tensor *p = VECTOR(s, 1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_set_parameter(m, "", p));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_set_parameter(m, "a.b", p));
    FAILS(TW_ERROR_NULL, tw_module_set_parameter(m, NULL, p));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_set_child(m, "a.b", child));
    FAILS(TW_ERROR_DTYPE, tw_module_set_parameter(m, "p", INTEGERS(s, 1)));
    OK(tw_module_set_child(m, "layer", child));
    OK(tw_module_set_parameter(m, "p", p));
    TEXT(name_of(m, 0), "p"); /* own ones first */
    TEXT(name_of(m, 1), "layer.weight");
    OK(tw_module_set_parameter(m, "p", VECTOR(s, 1, 2)));
    SHAPE(tw_module_parameter(s, m, 0), 2);
    FAILS(TW_ERROR_STATE, tw_module_set_child(child, "up", m));
    FAILS(TW_ERROR_STATE, tw_module_set_child(m, "self", m));
    OK(tw_module_remove(m, "p"));
    OK(tw_module_remove(m, "layer"));
    FAILS(TW_ERROR_INDEX, tw_module_remove(m, "layer"));
    int64_t count = -1;
    OK(tw_module_parameter_count(m, &count));
    CHECK(count == 0);
    tw_module *sequence = NULL;
    OK(tw_sequential_new(NULL, 0, &sequence));
    OK(tw_module_set_child(m, "s", sequence));
    FAILS(TW_ERROR_STATE, tw_sequential_append(sequence, m));
    tw_module_free(sequence);
    tw_module_free(child);
    tw_module_free(m);
    tw_scope_free(s);
}

static void saving_and_loading(void) {
    char path[] = "/tmp/talweg-test-XXXXXX";
    int file = mkstemp(path);
    if (!CHECK(file >= 0)) return;
    close(file);
    tw_scope *s = tw_scope_new();
    tw_module *a = small_network(1), *b = small_network(2), *other = NULL;
    tw_tensor *x = tw_random_normal(s, NULL, SIZES(5, 4), 0, 1, TW_FLOAT32);
    tw_tensor *before = tw_module_forward(s, a, x);
    CHECK(!same_bytes(before, tw_module_forward(s, b, x)));
    OK(tw_module_save(a, path));
    OK(tw_module_load(b, path));
    CHECK(same_bytes(before, tw_module_forward(s, b, x)));
    /* A module of another shape is refused whole. */
    OK(tw_linear_new(4, 8, NULL, &other));
    tw_tensor *weight = tw_copy(s, tw_module_parameter(s, other, 0));
    CHECK(tw_module_load(other, path) != TW_OK);
    CHECK(same_bytes(weight, tw_module_parameter(s, other, 0)));
    /* A file with one tensor of another shape changes none of the others. */
    const char *names[] = {"0.weight", "0.bias", "2.weight", "2.bias"};
    const tw_tensor *tensors[] = {tw_zeros(s, SIZES(8, 4), TW_FLOAT32), tw_zeros(s, SIZES(8), TW_FLOAT32),
                                  tw_zeros(s, SIZES(3, 8), TW_FLOAT32), tw_zeros(s, SIZES(4), TW_FLOAT32)};
    OK(tw_safetensors_save(path, names, tensors, 4));
    FAILS_SAYING(TW_ERROR_SHAPE, "2.bias", tw_module_load(b, path));
    CHECK(same_bytes(before, tw_module_forward(s, b, x)));
    tensors[3] = tw_zeros(s, SIZES(3), TW_FLOAT64);
    OK(tw_safetensors_save(path, names, tensors, 4));
    FAILS_SAYING(TW_ERROR_DTYPE, "2.bias", tw_module_load(b, path));
    OK(tw_safetensors_save(path, names, tensors, 3));
    CHECK(tw_module_load(b, path) != TW_OK && strstr(tw_last_message(), "2.bias") != NULL);
    CHECK(same_bytes(before, tw_module_forward(s, b, x)));
    FAILS(TW_ERROR_IO, tw_module_load(b, "/tmp/no such folder/weights.safetensors"));
    FAILS(TW_ERROR_IO, tw_module_save(b, "/tmp/no such folder/weights.safetensors"));
    remove(path);
    tw_module_free(a);
    tw_module_free(b);
    tw_module_free(other);
    tw_scope_free(s);
}

static void loss_values(void) {
    tw_scope *s = tw_scope_new();
    NEAR(item(tw_mse_loss(s, VECTOR(s, 1, 2), VECTOR(s, 3, 5))), 6.5, 0);
    /* -log(1/4) and -log(1/2): the mean is log(8) / 2. */
    tw_tensor *logits = MATRIX(s, 2, 2, 0, log(3), 7, 7);
    NEAR(item(tw_cross_entropy_loss(s, logits, INTEGERS(s, 0, 1))), log(8) / 2, 1e-15);
    /* Its gradient is (softmax - one-hot) / n. */
    OK(tw_tensor_set_requires_grad(logits, true));
    OK(tw_backward(s, tw_cross_entropy_loss(s, logits, INTEGERS(s, 0, 1))));
    VALUES(tw_tensor_grad(s, logits), 1e-15, -0.375, 0.375, 0.25, -0.25);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_mse_loss(s, VECTOR(s, 1, 2), MATRIX(s, 2, 1, 1, 2)));
    REFUSES(TW_ERROR_INDEX, tw_cross_entropy_loss(s, logits, INTEGERS(s, 0, 2)));
    REFUSES(TW_ERROR_INDEX, tw_cross_entropy_loss(s, logits, INTEGERS(s, 0, -1)));
    REFUSES(TW_ERROR_SHAPE, tw_cross_entropy_loss(s, logits, INTEGERS(s, 0)));
    REFUSES(TW_ERROR_DTYPE, tw_cross_entropy_loss(s, logits, VECTOR(s, 0, 1)));
    tw_scope_free(s);
}

static void penalties_leave_biases_alone(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    OK(tw_linear_new(2, 1, &options, &m));
    set(m, "weight", MATRIX(s, 1, 2, -3, 4));
    set(m, "bias", VECTOR(s, 100));
    NEAR(item(tw_l1_penalty(s, m)), 7, 0);
    NEAR(item(tw_l2_penalty(s, m)), 25, 0);
    OK(tw_backward(s, tw_add(s, tw_l1_penalty(s, m), tw_l2_penalty(s, m))));
    VALUES(tw_tensor_grad(s, tw_module_parameter(s, m, 0)), 0, -1 - 6, 1 + 8);
    tw_module_free(m);
    tw_scope_free(s);
}

int main(void) {
    RUN(linear);
    RUN(initializers);
    RUN(activations);
    RUN(dropout_follows_the_mode);
    RUN(a_sequence);
    RUN(modes_reach_the_children);
    RUN(shared_parameters_count_once);
    RUN(a_parameter_is_the_tensor_itself);
    RUN(a_module_of_the_callers_own);
    RUN(a_forward_that_refuses);
    RUN(names_and_children);
    RUN(saving_and_loading);
    RUN(loss_values);
    RUN(penalties_leave_biases_alone);
    return check_report();
}
