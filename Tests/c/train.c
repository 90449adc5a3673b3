/* Data loaders and the fit loop. */
#include "check.h"

/* ---- Loaders ------------------------------------------------------------- */

static int64_t size_of(const tw_tensor *tensor, int64_t axis) {
    int64_t size = -1;
    OK(tw_tensor_size(tensor, axis, &size));
    return size;
}

static void batches_in_order(void) {
    tw_scope *s = tw_scope_new();
    tw_loader *loader = NULL;
    tw_loader_options options = TW_LOADER_OPTIONS_INIT;
    options.batch_size = 3;
    tw_tensor *x = tw_reshape(s, tw_arange(s, 0, 14, 1, TW_FLOAT64), SIZES(7, 2)), *y = tw_arange(s, 0, 7, 1, TW_INT64);
    OK(tw_loader_new(x, y, &options, &loader));
    int64_t batches = 0;
    OK(tw_loader_batches(loader, &batches));
    CHECK(batches == 3);
    for (int epoch = 0; epoch < 2; ++epoch) {
        tw_tensor *bx = NULL, *by = NULL;
        bool more = false;
        for (int64_t i = 0; i < 3; ++i) {
            OK(tw_loader_next(s, loader, &bx, &by, &more));
            CHECK(more && size_of(bx, 0) == (i < 2 ? 3 : 1) && size_of(bx, 1) == 2);
            CHECK(dtype_of(by) == TW_INT64);
            NEAR(item(tw_select(s, by, 0, 0)), 3.0 * (double)i, 0);
            NEAR(item(tw_select(s, tw_select(s, bx, 0, 0), 0, 1)), 6.0 * (double)i + 1, 0);
        }
        OK(tw_loader_next(s, loader, &bx, &by, &more));
        CHECK(!more && bx == NULL && by == NULL);
    }
    tw_loader_free(loader);
    tw_scope_free(s);
}

static void the_last_batch_can_be_dropped(void) {
    tw_scope *s = tw_scope_new();
    tw_loader *loader = NULL;
    tw_loader_options options = TW_LOADER_OPTIONS_INIT;
    options.batch_size = 3;
    options.drop_last = true;
    OK(tw_loader_new(tw_zeros(s, SIZES(7, 2), TW_FLOAT32), NULL, &options, &loader));
    int64_t batches = 0, seen = 0;
    OK(tw_loader_batches(loader, &batches));
    CHECK(batches == 2);
    bool more = true;
    while (more) {
        tw_tensor *x = NULL;
        if (!OK(tw_loader_next(s, loader, &x, NULL, &more))) break;
        if (more) seen += size_of(x, 0);
    }
    CHECK(seen == 6);
    tw_loader_free(loader);
    tw_scope_free(s);
}

/* The order of the rows of one epoch, from 0. */
static void order_of(tw_loader *loader, double *order, int64_t count) {
    tw_scope *s = tw_scope_new();
    bool more = true;
    int64_t at = 0;
    while (true) {
        tw_tensor *x = NULL, *y = NULL;
        if (!OK(tw_loader_next(s, loader, &x, &y, &more)) || !more) break;
        CHECK(same_bytes(x, y)); /* inputs and targets stay together */
        OK(tw_tensor_to_double(x, order + at, count - at));
        at += size_of(x, 0);
    }
    CHECK(at == count);
    tw_scope_free(s);
}

static void shuffled_orders(void) {
    enum { count = 50 };
    tw_scope *s = tw_scope_new();
    tw_loader *loaders[3] = {NULL, NULL, NULL};
    const uint64_t seeds[] = {1, 1, 2};
    tw_tensor *x = tw_arange(s, 0, count, 1, TW_FLOAT64);
    double first[3][count], second[3][count];
    for (int i = 0; i < 3; ++i) {
        tw_loader_options options = TW_LOADER_OPTIONS_INIT;
        options.batch_size = 7;
        options.shuffle = true;
        options.seed = seeds[i];
        OK(tw_loader_new(x, x, &options, &loaders[i]));
        order_of(loaders[i], first[i], count);
        order_of(loaders[i], second[i], count);
        bool seen[count] = {false};
        for (int j = 0; j < count; ++j) seen[(int)first[i][j]] = true;
        for (int j = 0; j < count; ++j) CHECK(seen[j]);
        CHECK(memcmp(first[i], second[i], sizeof first[i]) != 0); /* a new order every epoch */
    }
    CHECK(memcmp(first[0], first[1], sizeof first[0]) == 0);
    CHECK(memcmp(second[0], second[1], sizeof second[0]) == 0);
    CHECK(memcmp(first[0], first[2], sizeof first[0]) != 0);
    /* Any epoch's order can be had again. */
    double again[count];
    OK(tw_loader_set_epoch(loaders[0], 0));
    order_of(loaders[0], again, count);
    CHECK(memcmp(again, first[0], sizeof again) == 0);
    order_of(loaders[0], again, count);
    CHECK(memcmp(again, second[0], sizeof again) == 0);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_loader_set_epoch(loaders[0], -1));
    for (int i = 0; i < 3; ++i) tw_loader_free(loaders[i]);
    tw_scope_free(s);
}

static void a_loader_keeps_its_data(void) {
    tw_scope *s = tw_scope_new(), *data = tw_scope_new();
    tw_loader *loader = NULL;
    OK(tw_loader_new(tw_arange(data, 0, 4, 1, TW_FLOAT64), NULL, NULL, &loader));
    tw_scope_free(data);
    tw_tensor *x = NULL;
    bool more = false;
    OK(tw_loader_next(s, loader, &x, NULL, &more));
    VALUES(x, 0, 0, 1, 2, 3);
    tw_loader_free(loader);
    VALUES(x, 0, 0, 1, 2, 3);
    tw_scope_free(s);
}

static void loaders_that_cannot_be(void) {
    tw_scope *s = tw_scope_new();
    tw_loader *loader = NULL;
    tw_loader_options options = TW_LOADER_OPTIONS_INIT;
    FAILS(TW_ERROR_SHAPE, tw_loader_new(tw_zeros(s, SIZES(4), TW_FLOAT32), tw_zeros(s, SIZES(5), TW_FLOAT32), NULL, &loader));
    FAILS(TW_ERROR_SHAPE, tw_loader_new(tw_scalar(s, 1, TW_FLOAT32), NULL, NULL, &loader));
    FAILS(TW_ERROR_NULL, tw_loader_new(NULL, NULL, NULL, &loader));
    options.batch_size = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_loader_new(tw_zeros(s, SIZES(4), TW_FLOAT32), NULL, &options, &loader));
    CHECK(loader == NULL);
    tw_scope_free(s);
}

/* ---- Fitting --------------------------------------------------------------- */

struct task {
    tw_scope *s;
    tw_tensor *x, *y, *labels;
    tw_module *module;
    tw_optimizer *optimizer;
};

/* A Linear(3, outputs) in float64 from a seed, with 40 rows to learn. */
static struct task task_with(int64_t outputs, double rate) {
    struct task t = {tw_scope_new(), NULL, NULL, NULL, NULL, NULL};
    tw_generator *g = NULL;
    OK(tw_generator_new(12, &g));
    t.x = tw_random_normal(t.s, g, SIZES(40, 3), 0, 1, TW_FLOAT64);
    tw_tensor *w = tw_random_normal(t.s, g, SIZES(3, outputs), 0, 1, TW_FLOAT64);
    t.y = tw_matmul(t.s, t.x, w);
    t.labels = tw_argmax(t.s, t.y, -1, false);
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.generator = g;
    OK(tw_linear_new(3, outputs, &options, &t.module));
    tw_sgd_options sgd = TW_SGD_OPTIONS_INIT;
    sgd.learning_rate = rate;
    OK(tw_sgd_new(&sgd, &t.optimizer));
    OK(tw_optimizer_add_module(t.optimizer, t.module));
    tw_generator_free(g);
    return t;
}

static void task_free(struct task *t) {
    tw_optimizer_free(t->optimizer);
    tw_module_free(t->module);
    tw_scope_free(t->s);
}

static double metric(const tw_history *history, tw_metric which, int64_t epoch) {
    double value = -1;
    OK(tw_history_value(history, which, epoch, &value));
    return value;
}

static void one_epoch_of_one_batch_is_one_step(void) {
    struct task t = task_with(2, 0.1);
    tw_tensor *weight = tw_module_parameter(t.s, t.module, 0), *bias = tw_module_parameter(t.s, t.module, 1);
    /* By hand: residual r = x w' + b - y; the mean of 80 squares has the gradients
       2/80 r' x and 2/80 sum r. */
    tw_tensor *w0 = tw_detach(t.s, tw_copy(t.s, weight)), *b0 = tw_detach(t.s, tw_copy(t.s, bias));
    tw_tensor *r = tw_subtract(t.s, tw_linear(t.s, t.x, w0, b0), t.y);
    tw_tensor *w1 = tw_subtract(t.s, w0, tw_multiply_scalar(t.s, tw_matmul(t.s, tw_transpose(t.s, r, 0, 1), t.x), 0.1 * 2 / 80));
    tw_tensor *b1 = tw_subtract(t.s, b0, tw_multiply_scalar(t.s, tw_sum(t.s, r, (const int64_t[]){0}, 1, false), 0.1 * 2 / 80));
    double loss = item(tw_mean(t.s, tw_square(t.s, r), NULL, 0, false)), expected_w[6], expected_b[2];
    OK(tw_tensor_to_double(w1, expected_w, 6));
    OK(tw_tensor_to_double(b1, expected_b, 2));
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 1;
    options.batch_size = 40;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    VALUES_AT(weight, 1e-13, expected_w, 6);
    VALUES_AT(bias, 1e-13, expected_b, 2);
    NEAR(metric(history, TW_METRIC_LOSS, 0), loss, 1e-13);
    CHECK(isnan(metric(history, TW_METRIC_VALIDATION_LOSS, 0)));
    CHECK(isnan(metric(history, TW_METRIC_ACCURACY, 0)));
    CHECK(metric(history, TW_METRIC_SECONDS, 0) >= 0);
    tw_history_free(history);
    task_free(&t);
}

static void a_linear_problem_is_learnt(void) {
    struct task t = task_with(2, 0.1);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 200;
    options.batch_size = 8;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    int64_t epochs = 0, best = -1;
    tw_fit_stop stop = TW_FIT_STOP_CANCELLED;
    OK(tw_history_epochs(history, &epochs));
    OK(tw_history_stop(history, &stop));
    OK(tw_history_best_epoch(history, &best));
    CHECK(epochs == 200 && stop == TW_FIT_STOP_EPOCHS && best > 100);
    CHECK(metric(history, TW_METRIC_LOSS, 199) < 1e-12); /* y is exactly linear */
    double value = 5;
    FAILS(TW_ERROR_INDEX, tw_history_value(history, TW_METRIC_LOSS, 200, &value));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_history_value(history, (tw_metric)77, 0, &value));
    CHECK(value == 5);
    tw_history_free(history);
    task_free(&t);
}

static void labels_are_learnt(void) {
    struct task t = task_with(3, 0.5);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.loss = TW_LOSS_CROSS_ENTROPY;
    options.epochs = 150;
    options.validation_split = 0.25;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.labels, &options, &history));
    CHECK(metric(history, TW_METRIC_ACCURACY, 149) > 0.9);
    double share = metric(history, TW_METRIC_VALIDATION_ACCURACY, 149) * 10; /* of 10 rows held out */
    NEAR(share, round(share), 1e-12);
    CHECK(metric(history, TW_METRIC_VALIDATION_LOSS, 149) < metric(history, TW_METRIC_VALIDATION_LOSS, 0));
    tw_tensor *labels = tw_argmax(t.s, tw_predict(t.s, t.module, t.x, 7), -1, false);
    CHECK(item(tw_mean(t.s, tw_equal(t.s, labels, t.labels), NULL, 0, false)) > 0.85);
    tw_history_free(history);
    task_free(&t);
}

static void validation_rows_can_be_given(void) {
    struct task t = task_with(1, 0.05);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 3;
    options.validation_inputs = tw_slice(t.s, t.x, 0, 0, 5, 1);
    options.validation_targets = tw_slice(t.s, t.y, 0, 0, 5, 1);
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    double after = item(tw_mse_loss(t.s, tw_predict(t.s, t.module, options.validation_inputs, 0), options.validation_targets));
    NEAR(metric(history, TW_METRIC_VALIDATION_LOSS, 2), after, 1e-13);
    tw_history_free(history);
    options.validation_targets = NULL;
    CHECK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL) != TW_OK); /* both or none */
    task_free(&t);
}

static void stopping_early(void) {
    struct task t = task_with(1, 0.1);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 100;
    options.patience = 4;
    options.min_delta = 1e9; /* nothing is that much better */
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    int64_t epochs = 0;
    tw_fit_stop stop = TW_FIT_STOP_EPOCHS;
    OK(tw_history_epochs(history, &epochs));
    OK(tw_history_stop(history, &stop));
    CHECK(epochs == 5 && stop == TW_FIT_STOP_EARLY); /* the first, and four without a better one */
    tw_history_free(history);
    task_free(&t);
}

static void the_best_epoch_can_be_put_back(void) {
    /* A rate just past the limit grows slowly: the first epoch is the best. */
    struct task t = task_with(1, 1.6);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 12;
    options.batch_size = 40;
    options.validation_inputs = t.x;
    options.validation_targets = t.y;
    options.restore_best = true;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    int64_t best = -1;
    OK(tw_history_best_epoch(history, &best));
    double least = INFINITY;
    int64_t where = -1;
    for (int64_t i = 0; i < 12; ++i)
        if (metric(history, TW_METRIC_VALIDATION_LOSS, i) < least) least = metric(history, TW_METRIC_VALIDATION_LOSS, where = i);
    CHECK(best == where);
    CHECK(metric(history, TW_METRIC_VALIDATION_LOSS, 11) > least);
    NEAR(item(tw_mse_loss(t.s, tw_predict(t.s, t.module, t.x, 0), t.y)), least, 1e-13);
    tw_history_free(history);
    task_free(&t);
}

struct watch {
    int64_t calls, stop_at, destroyed;
    bool in_order;
    double loss;
};

static int watch_epoch(void *context, const tw_epoch_progress *progress) {
    struct watch *watch = context;
    ++watch->calls;
    watch->loss = progress->loss;
    watch->in_order = watch->in_order && progress->epoch == watch->calls && progress->epochs == 10 &&
                      progress->struct_size >= sizeof *progress && isnan(progress->validation_loss) &&
                      isnan(progress->accuracy) && isnan(progress->validation_accuracy) && progress->seconds >= 0;
    return watch->calls == watch->stop_at;
}

static void count_destroy(void *context) { ++((struct watch *)context)->destroyed; }

static void the_callback_sees_every_epoch(void) {
    struct task t = task_with(1, 0.1);
    struct watch watch = {0, 0, 0, true, 0};
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.callback = watch_epoch;
    options.context = &watch;
    options.destroy = count_destroy;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    CHECK(watch.calls == 10 && watch.in_order && watch.destroyed == 1);
    CHECK(watch.loss == metric(history, TW_METRIC_LOSS, 9));
    tw_history_free(history);
    task_free(&t);
}

static void the_callback_can_cancel(void) {
    struct task t = task_with(1, 0.1);
    struct watch watch = {0, 4, 0, true, 0};
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.callback = watch_epoch;
    options.context = &watch;
    options.destroy = count_destroy;
    tw_history *history = NULL;
    FAILS(TW_ERROR_CANCELLED, tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    CHECK(watch.calls == 4 && watch.destroyed == 1 && history != NULL);
    int64_t epochs = 0;
    tw_fit_stop stop = TW_FIT_STOP_EPOCHS;
    OK(tw_history_epochs(history, &epochs));
    OK(tw_history_stop(history, &stop));
    CHECK(epochs == 4 && stop == TW_FIT_STOP_CANCELLED);
    tw_history_free(history);
    /* It can go on from there. */
    options.callback = NULL;
    options.destroy = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    task_free(&t);
}

static void a_divergent_rate(void) {
    struct task t = task_with(1, 1e10);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 1000;
    tw_history *history = NULL;
    FAILS(TW_ERROR_DIVERGED, tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    tw_tensor *finite = tw_all(t.s, tw_isfinite(t.s, tw_module_parameter(t.s, t.module, 0)), NULL, 0, false);
    CHECK(item(finite) == 1); /* put back to the last epoch's start */
    tw_history_free(history);
    task_free(&t);
}

static void penalties_shrink_the_weights(void) {
    double norms[3];
    for (int i = 0; i < 3; ++i) {
        struct task t = task_with(1, i == 2 ? 0.002 : 0.05);
        tw_fit_options options = TW_FIT_OPTIONS_INIT;
        options.epochs = i == 2 ? 1500 : 300;
        options.batch_size = 40;
        options.l2 = i == 1 ? 0.5 : 0;
        options.l1 = i == 2 ? 10 : 0;
        tw_history *history = NULL;
        OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
        norms[i] = item(tw_norm(t.s, tw_module_parameter(t.s, t.module, 0), NULL, 0, false));
        if (i == 1) {
            /* At the minimum of mean((x w' + b - y)^2) + l2 |w|^2, that is of ridge regression with n l2. */
            tw_lstsq_options ridge = TW_LSTSQ_OPTIONS_INIT;
            tw_lstsq_result *fit = NULL;
            ridge.ridge = 0.5 * 40;
            OK(tw_lstsq(t.x, t.y, &ridge, &fit));
            double expected[3];
            OK(tw_tensor_to_double(tw_lstsq_result_coefficients(t.s, fit), expected, 3));
            VALUES_AT(tw_module_parameter(t.s, t.module, 0), 1e-8, expected, 3);
            tw_lstsq_result_free(fit);
        }
        tw_history_free(history);
        task_free(&t);
    }
    /* An l1 beyond the largest slope of the loss keeps every weight at 0, within a step of 0.02. */
    CHECK(norms[1] < norms[0] && norms[2] < 0.06);
}

static void prediction_uses_evaluation_mode(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    OK(tw_dropout_new(0.5, 1, &m));
    tw_tensor *x = tw_ones(s, SIZES(10, 3), TW_FLOAT32);
    tw_tensor *y = tw_predict(s, m, x, 4);
    CHECK(same_bytes(x, y));
    bool training = false, recorded = true;
    OK(tw_module_is_training(m, &training));
    OK(tw_tensor_requires_grad(y, &recorded));
    CHECK(training && !recorded);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_predict(s, m, x, -1));
    tw_module_free(m);
    tw_scope_free(s);
}

static void fits_that_cannot_be(void) {
    struct task t = task_with(3, 0.1);
    tw_tensor *weight = tw_copy(t.s, tw_module_parameter(t.s, t.module, 0));
    tw_history *history = NULL;
    tw_fit_options options = TW_FIT_OPTIONS_INIT, broken[8];
    for (int i = 0; i < 8; ++i) broken[i] = options;
    broken[0].epochs = -1;
    broken[1].batch_size = 0;
    broken[2].validation_split = 1;
    broken[3].validation_split = NAN;
    broken[4].patience = -1;
    broken[5].l1 = -1;
    broken[6].l2 = INFINITY;
    broken[7].loss = (tw_loss)99;
    for (int i = 0; i < 8; ++i)
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_fit(t.module, t.optimizer, t.x, t.y, &broken[i], &history));
    FAILS(TW_ERROR_SHAPE, tw_fit(t.module, t.optimizer, t.x, tw_slice(t.s, t.y, 0, 0, 39, 1), NULL, &history));
    FAILS(TW_ERROR_SHAPE, tw_fit(t.module, t.optimizer, tw_zeros(t.s, SIZES(0, 3), TW_FLOAT64),
                                 tw_zeros(t.s, SIZES(0, 3), TW_FLOAT64), NULL, &history));
    FAILS(TW_ERROR_NULL, tw_fit(NULL, t.optimizer, t.x, t.y, NULL, &history));
    FAILS(TW_ERROR_NULL, tw_fit(t.module, NULL, t.x, t.y, NULL, &history));
    FAILS(TW_ERROR_NULL, tw_fit(t.module, t.optimizer, t.x, NULL, NULL, &history));
    CHECK(history == NULL);
    CHECK(same_bytes(weight, tw_module_parameter(t.s, t.module, 0)));
    task_free(&t);
}

int main(void) {
    RUN(batches_in_order);
    RUN(the_last_batch_can_be_dropped);
    RUN(shuffled_orders);
    RUN(a_loader_keeps_its_data);
    RUN(loaders_that_cannot_be);
    RUN(one_epoch_of_one_batch_is_one_step);
    RUN(a_linear_problem_is_learnt);
    RUN(labels_are_learnt);
    RUN(validation_rows_can_be_given);
    RUN(stopping_early);
    RUN(the_best_epoch_can_be_put_back);
    RUN(the_callback_sees_every_epoch);
    RUN(the_callback_can_cancel);
    RUN(a_divergent_rate);
    RUN(penalties_shrink_the_weights);
    RUN(prediction_uses_evaluation_mode);
    RUN(fits_that_cannot_be);
    return check_report();
}
