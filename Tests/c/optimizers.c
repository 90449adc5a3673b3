/* Groups, options by number, states and what optimizers refuse. Their steps are compared with PyTorch's in
   Tests/python/test_optimizers.py. */
#include "check.h"

#include <unistd.h>

typedef tw_status (*maker)(tw_optimizer **);

#define MAKER(name) \
    static tw_status make_##name(tw_optimizer **optimizer) { return tw_##name##_new(NULL, optimizer); }
MAKER(sgd)
MAKER(rmsprop)
MAKER(adam)
MAKER(adamw)
MAKER(nadam)
MAKER(radam)
MAKER(adamax)
MAKER(lion)
MAKER(lamb)
MAKER(adagrad)
MAKER(adadelta)
MAKER(adafactor)
MAKER(muon)

static const maker makers[] = {make_sgd,  make_rmsprop, make_adam,    make_adamw,    make_nadam,     make_radam,
                               make_adamax, make_lion, make_lamb, make_adagrad, make_adadelta, make_adafactor,
                               make_muon};
#define KINDS (sizeof makers / sizeof makers[0])

static const char *path(void) {
    static char text[64];
    snprintf(text, sizeof text, "/tmp/talweg-optimizers-%ld.safetensors", (long)getpid());
    return text;
}

static tw_tensor *leaf(tw_scope *s, tw_tensor *values) {
    tw_tensor *copy = tw_copy(s, values);
    OK(tw_tensor_set_requires_grad(copy, true));
    return copy;
}

/* A matrix and a vector; the gradients of step t. */
typedef struct {
    tw_tensor *matrix, *vector;
} parameters;

static parameters start(tw_scope *s) {
    return (parameters){leaf(s, MATRIX(s, 2, 3, 1, -2, 3, 0.5, 0.25, -1)), leaf(s, VECTOR(s, 2, -1, 0.5))};
}

static void steps(tw_scope *s, tw_optimizer *optimizer, parameters p, int from, int to) {
    for (int t = from; t < to; ++t) {
        double c = cos(t), d = sin(3 * t);
        OK(tw_tensor_set_grad(p.matrix, MATRIX(s, 2, 3, c, d, 1, -c, 0.5 * d, c * d)));
        OK(tw_tensor_set_grad(p.vector, VECTOR(s, d, -c, c + d)));
        OK(tw_optimizer_step(optimizer));
    }
}

static void same(const tw_tensor *a, const tw_tensor *b, int64_t count) {
    double x[8], y[8];
    OK(tw_tensor_to_double(a, x, count));
    OK(tw_tensor_to_double(b, y, count));
    CHECK(memcmp(x, y, (size_t)count * sizeof *x) == 0);
}

/* Ten steps, a file, ten more: the same bits in both. */
static void states_go_on(void) {
    for (size_t kind = 0; kind < KINDS; ++kind) {
        tw_scope *s = tw_scope_new();
        tw_optimizer *a = NULL, *b = NULL;
        parameters p = start(s);
        OK(makers[kind](&a));
        OK(tw_optimizer_add(a, p.matrix));
        OK(tw_optimizer_add(a, p.vector));
        OK(tw_optimizer_set_learning_rate(a, 0.02));
        steps(s, a, p, 0, 10);
        OK(tw_optimizer_save(a, path()));
        parameters q = {leaf(s, tw_detach(s, p.matrix)), leaf(s, tw_detach(s, p.vector))};
        OK(makers[kind](&b));
        OK(tw_optimizer_add(b, q.matrix));
        OK(tw_optimizer_add(b, q.vector));
        OK(tw_optimizer_load(b, path()));
        steps(s, a, p, 10, 20);
        steps(s, b, q, 10, 20);
        same(p.matrix, q.matrix, 6);
        same(p.vector, q.vector, 3);
        CHECK(tw_scope_status(s) == TW_OK);
        tw_optimizer_free(a);
        tw_optimizer_free(b);
        tw_scope_free(s);
    }
    remove(path());
}

static void states_in_memory(void) {
    tw_scope *s = tw_scope_new();
    tw_optimizer *a = NULL, *b = NULL;
    parameters p = start(s);
    OK(tw_adam_new(NULL, &a));
    OK(tw_optimizer_add(a, p.matrix));
    steps(s, a, p, 0, 3);
    char text[1024];
    size_t needed = 0;
    OK(tw_optimizer_state_names(a, text, sizeof text, &needed));
    CHECK(needed == strlen(text) + 1);
    CHECK(strstr(text, "adam.state.0.exp_avg_sq") != NULL);
    int64_t count = 0;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "room for 1", tw_optimizer_state(s, a, NULL, 1, &count));
    CHECK(count > 3 && count < 64);
    tw_tensor *tensors[64];
    OK(tw_optimizer_state(s, a, tensors, 64, &count));
    const char *names[64];
    char *rest = text;
    for (int64_t i = 0; i < count; ++i) {
        names[i] = rest;
        rest = strchr(rest, '\n');
        if (rest) *rest++ = 0;
    }
    parameters q = {leaf(s, tw_detach(s, p.matrix)), NULL};
    OK(tw_adam_new(NULL, &b));
    OK(tw_optimizer_add(b, q.matrix));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "it lacks", tw_optimizer_set_state(b, names,
                 (const tw_tensor *const *)tensors, count - 1));
    FAILS(TW_ERROR_NULL, tw_optimizer_set_state(b, NULL, (const tw_tensor *const *)tensors, count));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_set_state(b, names, (const tw_tensor *const *)tensors, -1));
    names[1] = names[0];
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "comes twice", tw_optimizer_set_state(b, names,
                 (const tw_tensor *const *)tensors, count));
    tw_optimizer_free(a);
    tw_optimizer_free(b);
    tw_scope_free(s);
}

static void states_of_another(void) {
    tw_scope *s = tw_scope_new();
    tw_optimizer *adam = NULL, *sgd = NULL, *wide = NULL;
    tw_sgd_options options = TW_SGD_OPTIONS_INIT;
    options.momentum = 0.9;
    parameters p = start(s);
    tw_tensor *other = leaf(s, VECTOR(s, 1, 2, 3, 4));
    OK(tw_adam_new(NULL, &adam));
    OK(tw_sgd_new(&options, &sgd));
    OK(tw_adam_new(NULL, &wide));
    OK(tw_optimizer_add(adam, p.vector));
    OK(tw_optimizer_add(sgd, p.vector));
    OK(tw_optimizer_add(wide, other));
    steps(s, adam, p, 0, 2);
    steps(s, sgd, p, 0, 2);
    OK(tw_tensor_set_grad(other, VECTOR(s, 1, 1, 1, 1)));
    OK(tw_optimizer_step(wide));
    double before = 0, after = 0;
    OK(tw_optimizer_set_learning_rate(adam, 0.125));
    OK(tw_optimizer_learning_rate(adam, &before));

    OK(tw_optimizer_save(sgd, path()));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "adam.state.0.exp_avg", tw_optimizer_load(adam, path()));
    CHECK(strstr(tw_last_message(), "sgd.state.0.momentum_buffer") != NULL);
    OK(tw_optimizer_save(wide, path()));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "\"adam.state.0.exp_avg\" is float64 [4], float64 [3] is needed",
                 tw_optimizer_load(adam, path()));
    CHECK(strstr(tw_last_message(), "exp_avg_sq") != NULL);
    OK(tw_optimizer_add(wide, leaf(s, VECTOR(s, 1))));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "adam.state.1.step", tw_optimizer_load(wide, path()));
    OK(tw_optimizer_learning_rate(adam, &after));
    CHECK(before == after);
    remove(path());
    FAILS(TW_ERROR_IO, tw_optimizer_load(adam, path()));
    FAILS(TW_ERROR_IO, tw_optimizer_save(adam, "/nowhere/at/all"));
    FAILS(TW_ERROR_NULL, tw_optimizer_save(adam, NULL));
    FAILS(TW_ERROR_NULL, tw_optimizer_load(NULL, path()));
    tw_optimizer_free(adam);
    tw_optimizer_free(sgd);
    tw_optimizer_free(wide);
    tw_scope_free(s);
}

static void groups(void) {
    tw_scope *s = tw_scope_new();
    tw_optimizer *optimizer = NULL;
    tw_tensor *a = leaf(s, VECTOR(s, 1)), *b = leaf(s, VECTOR(s, 1)), *c = leaf(s, VECTOR(s, 1));
    OK(tw_sgd_new(NULL, &optimizer));
    const tw_optimizer_option option[] = {TW_OPTION_LEARNING_RATE, TW_OPTION_WEIGHT_DECAY};
    const double values[] = {0.5, 0.25};
    tw_group_options options = TW_GROUP_OPTIONS_INIT;
    options.options = option;
    options.values = values;
    options.count = 2;
    OK(tw_optimizer_add(optimizer, a));
    OK(tw_optimizer_add_group(optimizer, &b, 1, &options));
    int64_t count = 0;
    OK(tw_optimizer_groups(optimizer, &count));
    CHECK(count == 2);
    for (int i = 0; i < 2; ++i) OK(tw_tensor_set_grad(i ? b : a, VECTOR(s, 1)));
    OK(tw_optimizer_step(optimizer));
    VALUES(a, 1e-15, 0.99);
    VALUES(b, 1e-15, 1 - 0.5 * 1.25);
    double value = 0;
    OK(tw_optimizer_option_value(optimizer, 1, TW_OPTION_WEIGHT_DECAY, &value));
    CHECK(value == 0.25);
    OK(tw_optimizer_set_option(optimizer, -1, TW_OPTION_WEIGHT_DECAY, 0.125));
    OK(tw_optimizer_option_value(optimizer, 0, TW_OPTION_WEIGHT_DECAY, &value));
    CHECK(value == 0.125);

    tw_tensor *again[] = {c, a}, *twice[] = {c, c};
    FAILS_SAYING(TW_ERROR_STATE, "parameter 1 [1] is in group 0 already", tw_optimizer_add_group(optimizer, again, 2,
                 NULL));
    FAILS_SAYING(TW_ERROR_STATE, "comes twice", tw_optimizer_add_group(optimizer, twice, 2, NULL));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_add_group(optimizer, again, 0, NULL));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_add_group(optimizer, again, -1, NULL));
    FAILS(TW_ERROR_NULL, tw_optimizer_add_group(optimizer, NULL, 1, NULL));
    const double bad[] = {-0.5, 0.25};
    options.values = bad;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "learning_rate is -0.5", tw_optimizer_add_group(optimizer, &c, 1,
                 &options));
    options.values = NULL;
    FAILS(TW_ERROR_NULL, tw_optimizer_add_group(optimizer, &c, 1, &options));
    const tw_optimizer_option foreign = TW_OPTION_BETA1;
    options.options = &foreign;
    options.values = values;
    options.count = 1;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "sgd has no option beta1", tw_optimizer_add_group(optimizer, &c, 1,
                 &options));
    OK(tw_optimizer_groups(optimizer, &count));
    CHECK(count == 2);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_option_value(optimizer, 0, (tw_optimizer_option)99, &value));
    FAILS(TW_ERROR_INDEX, tw_optimizer_option_value(optimizer, 2, TW_OPTION_L1, &value));
    FAILS(TW_ERROR_INDEX, tw_optimizer_set_option(optimizer, -2, TW_OPTION_L1, 0));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_set_option(optimizer, 0, TW_OPTION_LEARNING_RATE, NAN));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_set_option(optimizer, 0, TW_OPTION_MAXIMIZE, 0.5));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_set_option(optimizer, 0, TW_OPTION_NESTEROV, 1)); /* no momentum */
    tw_optimizer_free(optimizer);

    /* The first group takes the place of an empty one. */
    OK(tw_sgd_new(NULL, &optimizer));
    OK(tw_optimizer_add_group(optimizer, &c, 1, NULL));
    OK(tw_optimizer_groups(optimizer, &count));
    CHECK(count == 1);
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

static void not_a_number_with_clipping(void) {
    for (int by_value = 0; by_value < 2; ++by_value) {
        tw_scope *s = tw_scope_new();
        tw_optimizer *optimizer = NULL;
        tw_adam_options options = TW_ADAM_OPTIONS_INIT;
        if (by_value) options.max_value = 1;
        else options.max_norm = 1;
        tw_tensor *p = leaf(s, VECTOR(s, 1, 2));
        OK(tw_adam_new(&options, &optimizer));
        OK(tw_optimizer_add(optimizer, p));
        OK(tw_tensor_set_grad(p, VECTOR(s, NAN, 1)));
        FAILS(TW_ERROR_NUMERIC, tw_optimizer_step(optimizer));
        VALUES(p, 0, 1, 2);
        FAILS(TW_ERROR_NUMERIC, tw_clip_grad_value(&p, 1, 0.5));
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_clip_grad_value(&p, 1, -0.5));
        OK(tw_tensor_set_grad(p, VECTOR(s, INFINITY, -0.25)));
        OK(tw_clip_grad_value(&p, 1, 0.5));
        VALUES(tw_tensor_grad(s, p), 0, 0.5, -0.25);
        OK(tw_optimizer_step(optimizer));
        VALUES(p, 1e-7, 1 - 1e-3, 2 + 1e-3); /* Adam's first step is the rate */
        tw_optimizer_free(optimizer);
        tw_scope_free(s);
    }
}

static void accumulation(void) {
    tw_scope *s = tw_scope_new();
    tw_optimizer *optimizer = NULL;
    tw_tensor *p = leaf(s, VECTOR(s, 1));
    OK(tw_sgd_new(NULL, &optimizer));
    OK(tw_optimizer_add(optimizer, p));
    OK(tw_optimizer_accumulate(optimizer, 2));
    for (int i = 0; i < 4; ++i) {
        OK(tw_optimizer_zero_grad(optimizer));
        OK(tw_backward(s, tw_sum(s, tw_multiply_scalar(s, p, i + 1), NULL, 0, false)));
        OK(tw_optimizer_step(optimizer));
    }
    VALUES(p, 1e-14, 1 - 0.01 * (1.5 + 3.5));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_accumulate(optimizer, 0));
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

static void rates_out_of_range(void) {
    tw_optimizer *optimizer = NULL;
    tw_adagrad_options adagrad = TW_ADAGRAD_OPTIONS_INIT;
    adagrad.learning_rate_decay = -1;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "learning_rate_decay", tw_adagrad_new(&adagrad, &optimizer));
    tw_adadelta_options adadelta = TW_ADADELTA_OPTIONS_INIT;
    adadelta.rho = 1;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "rho", tw_adadelta_new(&adadelta, &optimizer));
    tw_adafactor_options adafactor = TW_ADAFACTOR_OPTIONS_INIT;
    adafactor.beta2_decay = 0.8;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "beta2_decay", tw_adafactor_new(&adafactor, &optimizer));
    tw_muon_options muon = TW_MUON_OPTIONS_INIT, rates = muon;
    muon.iterations = INT64_MAX;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "iterations", tw_muon_new(&muon, &optimizer));
    rates.rate_adjustment = (tw_muon_rate)-1;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "rate_adjustment", tw_muon_new(&rates, &optimizer));
    tw_adam_options adam = TW_LION_OPTIONS_INIT;
    adam.learning_rate = -1e-9;
    tw_status (*const kin[])(const tw_adam_options *, tw_optimizer **) = {
        tw_adam_new, tw_adamw_new, tw_nadam_new, tw_radam_new, tw_adamax_new, tw_lion_new, tw_lamb_new};
    for (size_t i = 0; i < sizeof kin / sizeof kin[0]; ++i)
        FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "learning_rate is -1e-09", kin[i](&adam, &optimizer));
    FAILS(TW_ERROR_NULL, tw_lamb_new(NULL, NULL));
    CHECK(optimizer == NULL);
}

int main(void) {
    RUN(states_go_on);
    RUN(states_in_memory);
    RUN(states_of_another);
    RUN(groups);
    RUN(not_a_number_with_clipping);
    RUN(accumulation);
    RUN(rates_out_of_range);
    return check_report();
}
