/* What a learning rate, a batch size, a penalty and an optimizer each do, on the
 * diabetes set: 442 patients, ten measurements, the disease a year later. A fifth is
 * held out. Reads the CSV that `make` writes: tuning [PATH [EPOCHS]].
 *
 * Output:
 *     validation R^2
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

static tw_tensor *x, *y, *x_validation, *y_validation;
static int64_t epochs = 30;

enum optimizer { SGD, MOMENTUM, RMSPROP, ADAM };

static tw_optimizer *optimizer_of(enum optimizer which, double rate) {
    tw_optimizer *optimizer = NULL;
    tw_sgd_options sgd = TW_SGD_OPTIONS_INIT;
    tw_rmsprop_options rmsprop = TW_RMSPROP_OPTIONS_INIT;
    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    sgd.learning_rate = rmsprop.learning_rate = adam.learning_rate = rate;
    sgd.momentum = which == MOMENTUM ? 0.9 : 0;
    must(which == ADAM ? tw_adam_new(&adam, &optimizer)
         : which == RMSPROP ? tw_rmsprop_new(&rmsprop, &optimizer) : tw_sgd_new(&sgd, &optimizer));
    return optimizer;
}

/* Trains a Linear(10, 1) from zero and prints a row of the table. */
static void row(const char *name, enum optimizer which, double rate, int64_t batch, double l1, double l2) {
    tw_scope *s = tw_scope_new();
    tw_module *model = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.dtype = TW_FLOAT64;
    linear.initializer = TW_INIT_ZEROS;
    must(tw_linear_new(10, 1, &linear, &model));
    tw_optimizer *optimizer = optimizer_of(which, rate);
    must(tw_optimizer_add_module(optimizer, model));
    tw_fit_options fit = TW_FIT_OPTIONS_INIT;
    fit.epochs = epochs;
    fit.batch_size = batch;
    fit.l1 = l1;
    fit.l2 = l2;
    fit.validation_inputs = x_validation;
    fit.validation_targets = y_validation;
    tw_history *history = NULL;
    tw_status status = tw_fit(model, optimizer, x, y, &fit, &history);
    if (status == TW_ERROR_DIVERGED) {
        printf("%-24s diverged\n", name);
    } else {
        double training = 0, validation = 0;
        must(status);
        must(tw_history_value(history, TW_METRIC_LOSS, epochs - 1, &training));
        must(tw_history_value(history, TW_METRIC_VALIDATION_LOSS, epochs - 1, &validation));
        double weights = item(tw_norm(s, tw_module_parameter(s, model, 0), NULL, 0, false));
        printf("%-24s %8.3f %8.3f %8.3f\n", name, training, validation, weights);
    }
    tw_history_free(history);
    tw_optimizer_free(optimizer);
    tw_module_free(model);
    tw_scope_free(s);
}

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
    x_validation = rows(s, inputs, order, 0, n / 5);
    y_validation = rows(s, targets, order, 0, n / 5);

    printf("%-24s %8s %8s %8s\n", "", "training", "held out", "|w|");
    row("SGD, rate 0.001", SGD, 0.001, 32, 0, 0);
    row("SGD, rate 0.01", SGD, 0.01, 32, 0, 0);
    row("SGD, rate 0.1", SGD, 0.1, 32, 0, 0);
    row("SGD, rate 1", SGD, 1, 32, 0, 0);
    row("batches of 8", SGD, 0.01, 8, 0, 0);
    row("batches of 128", SGD, 0.01, 128, 0, 0);
    row("L1 penalty 0.05", SGD, 0.01, 32, 0.05, 0);
    row("L2 penalty 0.1", SGD, 0.01, 32, 0, 0.1);
    row("momentum 0.9", MOMENTUM, 0.01, 32, 0, 0);
    row("RMSProp", RMSPROP, 0.01, 32, 0, 0);
    row("Adam", ADAM, 0.01, 32, 0, 0);

    tw_generator_free(generator);
    tw_scope_free(s);
    return 0;
}
