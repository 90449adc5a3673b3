/* Optimizers: each step against the published formula, in double. */
#include "check.h"

/* The gradient of step t (from 1), made up so that the steps differ. */
static double gradient_at(int t) { return t % 2 ? 0.5 * t : -0.3; }

/* Ten steps of an optimizer on one float64 parameter that starts at 2, against `expected`. */
static void follow(tw_optimizer *optimizer, const double expected[10]) {
    tw_scope *s = tw_scope_new();
    tw_tensor *p = VECTOR(s, 2);
    OK(tw_tensor_set_requires_grad(p, true));
    OK(tw_optimizer_add(optimizer, p));
    for (int t = 1; t <= 10; ++t) {
        OK(tw_tensor_set_grad(p, VECTOR(s, gradient_at(t))));
        OK(tw_optimizer_step(optimizer));
        VALUES(p, 1e-13, expected[t - 1]);
    }
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

static void sgd(void) {
    const struct {
        double momentum, decay;
        bool nesterov;
    } table[] = {{0, 0, false}, {0.9, 0, false}, {0.9, 0, true}, {0, 0.1, false}, {0.8, 0.1, true}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; ++i) {
        tw_sgd_options options = TW_SGD_OPTIONS_INIT;
        options.learning_rate = 0.1;
        options.momentum = table[i].momentum;
        options.weight_decay = table[i].decay;
        options.nesterov = table[i].nesterov;
        double p = 2, v = 0, expected[10];
        for (int t = 1; t <= 10; ++t) {
            double g = gradient_at(t) + options.weight_decay * p;
            v = options.momentum * v + g;
            p -= 0.1 * (options.nesterov ? g + options.momentum * v : v);
            expected[t - 1] = p;
        }
        tw_optimizer *optimizer = NULL;
        OK(tw_sgd_new(&options, &optimizer));
        follow(optimizer, expected);
    }
}

static void rmsprop(void) {
    for (int i = 0; i < 2; ++i) {
        tw_rmsprop_options options = TW_RMSPROP_OPTIONS_INIT;
        options.momentum = i ? 0.7 : 0;
        options.weight_decay = i ? 0.05 : 0;
        double p = 2, square = 0, v = 0, expected[10];
        for (int t = 1; t <= 10; ++t) {
            double g = gradient_at(t) + options.weight_decay * p;
            square = 0.99 * square + 0.01 * g * g;
            v = options.momentum * v + g / (sqrt(square) + 1e-8);
            p -= 0.01 * v;
            expected[t - 1] = p;
        }
        tw_optimizer *optimizer = NULL;
        OK(tw_rmsprop_new(&options, &optimizer));
        follow(optimizer, expected);
    }
}

static void adam_with(bool decoupled, double decay) {
    tw_adam_options options = TW_ADAM_OPTIONS_INIT;
    options.learning_rate = 0.05;
    options.weight_decay = decay;
    double p = 2, m = 0, v = 0, expected[10];
    for (int t = 1; t <= 10; ++t) {
        double g = gradient_at(t) + (decoupled ? 0 : decay * p);
        if (decoupled) p -= 0.05 * decay * p;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        p -= 0.05 * (m / (1 - pow(0.9, t))) / (sqrt(v / (1 - pow(0.999, t))) + 1e-8);
        expected[t - 1] = p;
    }
    tw_optimizer *optimizer = NULL;
    OK(decoupled ? tw_adamw_new(&options, &optimizer) : tw_adam_new(&options, &optimizer));
    follow(optimizer, expected);
}

static void adam(void) {
    adam_with(false, 0);
    adam_with(false, 0.1);
}

static void adamw(void) {
    adam_with(true, 0);
    adam_with(true, 0.1);
}

static void adamw_decays_by_default(void) {
    /* With a gradient of 0 only the decay acts: p (1 - 1e-3 * 1e-2). */
    tw_scope *s = tw_scope_new();
    tw_optimizer *optimizer = NULL;
    tw_tensor *p = VECTOR(s, 2);
    OK(tw_tensor_set_requires_grad(p, true));
    OK(tw_adamw_new(NULL, &optimizer));
    OK(tw_optimizer_add(optimizer, p));
    OK(tw_tensor_set_grad(p, VECTOR(s, 0)));
    OK(tw_optimizer_step(optimizer));
    VALUES(p, 1e-15, 2 * (1 - 1e-5));
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

static void parameters_without_a_gradient_stay(void) {
    tw_scope *s = tw_scope_new();
    tw_optimizer *optimizer = NULL;
    tw_tensor *a = VECTOR(s, 1), *b = VECTOR(s, 1);
    OK(tw_tensor_set_requires_grad(a, true));
    OK(tw_tensor_set_requires_grad(b, true));
    OK(tw_sgd_new(NULL, &optimizer));
    OK(tw_optimizer_step(optimizer)); /* none yet */
    OK(tw_optimizer_add(optimizer, a));
    OK(tw_optimizer_add(optimizer, b));
    OK(tw_optimizer_add(optimizer, a)); /* again: left alone */
    OK(tw_tensor_set_grad(a, VECTOR(s, 1)));
    OK(tw_optimizer_step(optimizer));
    VALUES(a, 1e-15, 0.99);
    VALUES(b, 0, 1);
    OK(tw_optimizer_zero_grad(optimizer));
    bool present = true;
    OK(tw_tensor_has_grad(a, &present));
    CHECK(!present);
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

static void what_can_be_added(void) {
    tw_scope *s = tw_scope_new();
    tw_optimizer *optimizer = NULL;
    OK(tw_sgd_new(NULL, &optimizer));
    tw_tensor *plain = VECTOR(s, 1), *leaf = VECTOR(s, 1);
    OK(tw_tensor_set_requires_grad(leaf, true));
    CHECK(tw_optimizer_add(optimizer, plain) != TW_OK);
    CHECK(tw_optimizer_add(optimizer, tw_square(s, leaf)) != TW_OK);
    FAILS(TW_ERROR_NULL, tw_optimizer_add(optimizer, NULL));
    FAILS(TW_ERROR_NULL, tw_optimizer_add_module(optimizer, NULL));
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

static void an_optimizer_keeps_its_parameters(void) {
    tw_scope *s = tw_scope_new();
    tw_optimizer *optimizer = NULL;
    tw_module *m = NULL;
    OK(tw_linear_new(2, 1, NULL, &m));
    OK(tw_adam_new(NULL, &optimizer));
    OK(tw_optimizer_add_module(optimizer, m));
    OK(tw_backward(s, tw_sum(s, tw_module_forward(s, m, tw_ones(s, SIZES(1, 2), TW_FLOAT32)), NULL, 0, false)));
    tw_module_free(m);
    tw_scope_free(s);
    OK(tw_optimizer_step(optimizer));
    OK(tw_optimizer_zero_grad(optimizer));
    tw_optimizer_free(optimizer);
}

static void the_rate_can_be_changed(void) {
    tw_optimizer *optimizer = NULL;
    OK(tw_adam_new(NULL, &optimizer));
    double rate = 0;
    OK(tw_optimizer_learning_rate(optimizer, &rate));
    CHECK(rate == 1e-3);
    OK(tw_optimizer_set_learning_rate(optimizer, 0.25));
    OK(tw_optimizer_learning_rate(optimizer, &rate));
    CHECK(rate == 0.25);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_set_learning_rate(optimizer, NAN));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_optimizer_set_learning_rate(optimizer, -1));
    OK(tw_optimizer_learning_rate(optimizer, &rate));
    CHECK(rate == 0.25);
    tw_optimizer_free(optimizer);
}

static void options_outside_their_range(void) {
    tw_optimizer *optimizer = NULL;
    tw_sgd_options s1 = TW_SGD_OPTIONS_INIT, s2 = s1, s3 = s1, s4 = s1;
    s1.learning_rate = INFINITY;
    s2.momentum = 1;
    s3.nesterov = true; /* needs momentum */
    s4.weight_decay = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_sgd_new(&s1, &optimizer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_sgd_new(&s2, &optimizer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_sgd_new(&s3, &optimizer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_sgd_new(&s4, &optimizer));
    tw_rmsprop_options r1 = TW_RMSPROP_OPTIONS_INIT, r2 = r1;
    r1.alpha = 2;
    r2.epsilon = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_rmsprop_new(&r1, &optimizer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_rmsprop_new(&r2, &optimizer));
    tw_adam_options a1 = TW_ADAM_OPTIONS_INIT, a2 = a1, a3 = a1;
    a1.beta1 = 1;
    a2.beta2 = -0.1;
    a3.learning_rate = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_adam_new(&a1, &optimizer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_adamw_new(&a2, &optimizer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_adam_new(&a3, &optimizer));
    CHECK(optimizer == NULL);
}

int main(void) {
    RUN(sgd);
    RUN(rmsprop);
    RUN(adam);
    RUN(adamw);
    RUN(adamw_decays_by_default);
    RUN(parameters_without_a_gradient_stay);
    RUN(what_can_be_added);
    RUN(an_optimizer_keeps_its_parameters);
    RUN(the_rate_can_be_changed);
    RUN(options_outside_their_range);
    return check_report();
}
