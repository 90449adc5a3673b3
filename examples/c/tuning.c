/* What a learning rate, a batch size, a penalty and an optimizer each do, on the
 * diabetes set: 442 patients, ten measurements, the disease a year later. A fifth is
 * held out. Reads the CSV that `make` writes: tuning [PATH [EPOCHS]].
 *
 * Output:
 *     squared error     training held out      |w|
 *     SGD, rate 0.001      0.532    0.523    0.356
 *     SGD, rate 0.01       0.476    0.545    0.562
 *     SGD, rate 0.1        0.572    0.592    0.693
 *     SGD, rate 1       diverged
 *     batches of 8         0.474    0.542    0.576
 *     batches of 128       0.482    0.529    0.485
 *     L1 penalty 0.1       0.496    0.521    0.474
 *     L2 penalty 0.1       0.478    0.531    0.515
 *     momentum 0.9         0.503    0.535    0.606
 *     RMSProp              0.483    0.533    0.575
 *     Adam                 0.477    0.556    0.563
 */
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

static double item(const tw_tensor *tensor) {
    double value = 0;
    must(tw_tensor_item(tensor, &value));
    return value;
}

static tw_tensor *rows(tw_scope *s, const tw_tensor *t, const tw_tensor *order, int64_t first, int64_t last) {
    return tw_index_select(s, t, 0, tw_slice(s, order, 0, first, last, 1));
}

/* Each column less its mean, over its standard deviation. */
static tw_tensor *standardised(tw_scope *s, const tw_tensor *t) {
    const int64_t axis = 0;
    tw_tensor *deviation = tw_sqrt(s, tw_var(s, t, &axis, 1, true, 0));
    return tw_divide(s, tw_subtract(s, t, tw_mean(s, t, &axis, 1, true)), deviation);
}

static tw_tensor *x, *y, *x_held, *y_held;
static int64_t epochs = 30;

struct trial {
    const char *name, *optimizer;
    double rate, momentum;
    int64_t batch;
    double l1, l2;
};

static tw_optimizer *optimizer_of(const struct trial *trial) {
    tw_optimizer *optimizer = NULL;
    tw_sgd_options sgd = TW_SGD_OPTIONS_INIT;
    tw_rmsprop_options rmsprop = TW_RMSPROP_OPTIONS_INIT;
    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    sgd.learning_rate = rmsprop.learning_rate = adam.learning_rate = trial->rate;
    sgd.momentum = trial->momentum;
    must(trial->optimizer[0] == 'A' ? tw_adam_new(&adam, &optimizer)
         : trial->optimizer[0] == 'R' ? tw_rmsprop_new(&rmsprop, &optimizer) : tw_sgd_new(&sgd, &optimizer));
    return optimizer;
}

/* Trains a Linear(10, 1) from zero and prints a row of the table. */
static void run(const struct trial *trial) {
    tw_scope *s = tw_scope_new();
    tw_module *model = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.dtype = TW_FLOAT64;
    linear.initializer = TW_INIT_ZEROS;
    must(tw_linear_new(10, 1, &linear, &model));
    tw_optimizer *optimizer = optimizer_of(trial);
    must(tw_optimizer_add_module(optimizer, model));
    tw_fit_options fit = TW_FIT_OPTIONS_INIT;
    fit.epochs = epochs;
    fit.batch_size = trial->batch;
    fit.l1 = trial->l1;
    fit.l2 = trial->l2;
    tw_status status = tw_fit(model, optimizer, x, y, &fit, NULL);
    if (status == TW_ERROR_DIVERGED) {
        printf("%-17s diverged\n", trial->name);
    } else {
        must(status);
        printf("%-17s %8.3f %8.3f %8.3f\n", trial->name, item(tw_mse_loss(s, tw_predict(s, model, x, 0), y)),
               item(tw_mse_loss(s, tw_predict(s, model, x_held, 0), y_held)),
               item(tw_norm(s, tw_module_parameter(s, model, 0), NULL, 0, false)));
    }
    tw_optimizer_free(optimizer);
    tw_module_free(model);
    tw_scope_free(s);
}

static const struct trial trials[] = {
    {"SGD, rate 0.001", "SGD", 0.001, 0, 32, 0, 0},  {"SGD, rate 0.01", "SGD", 0.01, 0, 32, 0, 0},
    {"SGD, rate 0.1", "SGD", 0.1, 0, 32, 0, 0},      {"SGD, rate 1", "SGD", 1, 0, 32, 0, 0},
    {"batches of 8", "SGD", 0.01, 0, 8, 0, 0},       {"batches of 128", "SGD", 0.01, 0, 128, 0, 0},
    {"L1 penalty 0.1", "SGD", 0.01, 0, 32, 0.1, 0},  {"L2 penalty 0.1", "SGD", 0.01, 0, 32, 0, 0.1},
    {"momentum 0.9", "SGD", 0.01, 0.9, 32, 0, 0},    {"RMSProp", "RMSProp", 0.01, 0, 32, 0, 0},
    {"Adam", "Adam", 0.01, 0, 32, 0, 0},
};

int main(int argc, char **argv) {
    if (argc > 2) epochs = atoi(argv[2]);
    tw_scope *s = tw_scope_new();
    tw_generator *generator = NULL;
    tw_tensor *table = tw_csv_read(s, argc > 1 ? argv[1] : "build/diabetes.csv", NULL);
    table = standardised(s, table);
    must(tw_scope_status(s));
    int64_t n = 0;
    must(tw_tensor_size(table, 0, &n));
    must(tw_generator_new(0, &generator));
    tw_tensor *order = tw_random_permutation(s, generator, n);
    tw_tensor *inputs = tw_slice(s, table, 1, 0, 10, 1), *targets = tw_slice(s, table, 1, 10, 11, 1);
    x = rows(s, inputs, order, n / 5, n);
    y = rows(s, targets, order, n / 5, n);
    x_held = rows(s, inputs, order, 0, n / 5);
    y_held = rows(s, targets, order, 0, n / 5);

    printf("%-17s %8s %8s %8s\n", "squared error", "training", "held out", "|w|");
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; ++i) run(&trials[i]);

    tw_generator_free(generator);
    tw_scope_free(s);
    return 0;
}
