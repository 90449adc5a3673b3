/* A sine by a network of one hidden layer, 61 parameters on 200 points: Levenberg-Marquardt beside Adam, from the same
 * start. Errors are mean squares, as powers of ten.
 *
 * Output:
 *     Levenberg-Marquardt    300 steps   error 10^-9
 *     Adam                  5000 steps   error 10^-5, in 1 times the time
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>
#include <time.h>

enum { POINTS = 200, HIDDEN = 20, ADAM_STEPS = 5000 };

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Linear(1, 20), tanh, Linear(20, 1), the same numbers each time. */
static tw_module *network(void) {
    tw_generator *generator = NULL;
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    tw_module *layers[3], *model = NULL;
    must(tw_generator_new(3, &generator));
    options.dtype = TW_FLOAT64;
    options.generator = generator;
    must(tw_linear_new(1, HIDDEN, &options, &layers[0]));
    must(tw_tanh_new(&layers[1]));
    must(tw_linear_new(HIDDEN, 1, &options, &layers[2]));
    must(tw_sequential_new(layers, 3, &model));
    for (int i = 0; i < 3; ++i) tw_module_free(layers[i]);
    tw_generator_free(generator);
    return model;
}

static void tell(const char *name, int64_t steps, tw_module *model, const tw_tensor *x, const tw_tensor *y) {
    double error = 0;
    tw_scope *s = tw_scope_new();
    must(tw_tensor_item(tw_mse_loss(s, tw_predict(s, model, x, 0), y), &error));
    printf("%-20s %5lld steps   error 10^%.0f", name, (long long)steps, log10(error));
    tw_scope_free(s);
}

int main(void) {
    double points[POINTS], sines[POINTS];
    for (int i = 0; i < POINTS; ++i) {
        points[i] = -3.14159265 + 6.2831853 * i / (POINTS - 1);
        sines[i] = sin(2 * points[i]);
    }
    tw_scope *s = tw_scope_new();
    const int64_t shape[] = {POINTS, 1};
    tw_tensor *x = tw_tensor_from_data(s, points, TW_FLOAT64, shape, 2);
    tw_tensor *y = tw_tensor_from_data(s, sines, TW_FLOAT64, shape, 2);

    double begin = seconds();
    tw_module *model = network();
    tw_levenberg_marquardt_options options = TW_LEVENBERG_MARQUARDT_OPTIONS_INIT;
    tw_levenberg_marquardt_result result = TW_LEVENBERG_MARQUARDT_RESULT_INIT;
    options.max_iterations = 300;
    must(tw_levenberg_marquardt_fit(model, x, y, &options, &result));
    double took = seconds() - begin;
    tell("Levenberg-Marquardt", result.iterations, model, x, y);
    tw_module_free(model);

    begin = seconds();
    model = network();
    tw_optimizer *adam = NULL;
    tw_adam_options rates = TW_ADAM_OPTIONS_INIT;
    rates.learning_rate = 0.01;
    must(tw_adam_new(&rates, &adam));
    must(tw_optimizer_add_module(adam, model));
    tw_scope *step = tw_scope_new();
    for (int i = 0; i < ADAM_STEPS; ++i) {
        must(tw_optimizer_zero_grad(adam));
        must(tw_backward(step, tw_mse_loss(step, tw_module_forward(step, model, x), y)));
        must(tw_optimizer_step(adam));
        tw_scope_clear(step);
    }
    double ratio = (seconds() - begin) / took;
    putchar('\n');
    tell("Adam", ADAM_STEPS, model, x, y);
    printf(", in %.0f times the time\n", ratio);
    tw_scope_free(step);
    tw_optimizer_free(adam);
    tw_module_free(model);
    tw_scope_free(s);
    return 0;
}
