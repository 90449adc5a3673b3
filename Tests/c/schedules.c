/* Schedules, the learning-rate finder and averaged weights. Their values are compared with PyTorch's in
   Tests/python/test_schedules.py. */
#include "check.h"

#include <unistd.h>

static const char *path(void) {
    static char text[64];
    snprintf(text, sizeof text, "/tmp/talweg-schedules-%ld.safetensors", (long)getpid());
    return text;
}

static tw_optimizer *optimizer_of(double rate) {
    tw_optimizer *optimizer = NULL;
    tw_sgd_options options = TW_SGD_OPTIONS_INIT;
    options.learning_rate = rate;
    options.momentum = 0.9;
    OK(tw_sgd_new(&options, &optimizer));
    return optimizer;
}

static double rate_of(const tw_optimizer *optimizer) {
    double rate = -1;
    OK(tw_optimizer_learning_rate(optimizer, &rate));
    return rate;
}

static double rate_at(const tw_schedule *schedule, int64_t step) {
    double rate = -1;
    OK(tw_schedule_rate(schedule, step, 2, &rate));
    return rate;
}

static void rates(void) {
    tw_schedule *schedule = NULL;
    OK(tw_schedule_constant_new(0.5, 3, &schedule));
    NEAR(rate_at(schedule, 2), 1, 1e-15);
    NEAR(rate_at(schedule, 3), 2, 1e-15);
    tw_schedule_free(schedule);
    OK(tw_schedule_linear_new(0.5, 1, 4, &schedule));
    NEAR(rate_at(schedule, 2), 1.5, 1e-15);
    NEAR(rate_at(schedule, INT64_MAX), 2, 1e-15);
    tw_schedule_free(schedule);
    OK(tw_schedule_step_new(3, 0.5, &schedule));
    NEAR(rate_at(schedule, 7), 0.5, 1e-15);
    tw_schedule_free(schedule);
    OK(tw_schedule_multi_step_new((const int64_t[]){2, 5}, 2, 0.1, &schedule));
    NEAR(rate_at(schedule, 1), 2, 1e-15);
    NEAR(rate_at(schedule, 5), 0.02, 1e-15);
    tw_schedule_free(schedule);
    OK(tw_schedule_exponential_new(0.5, &schedule));
    NEAR(rate_at(schedule, 3), 0.25, 1e-15);
    tw_schedule_free(schedule);
    OK(tw_schedule_cosine_new(10, 1, &schedule));
    NEAR(rate_at(schedule, 5), 1.5, 1e-15);
    NEAR(rate_at(schedule, 11), 1, 1e-15);
    tw_schedule_free(schedule);
    OK(tw_schedule_cosine_restarts_new(2, 2, 0, &schedule));
    NEAR(rate_at(schedule, 4), 1, 1e-15);
    NEAR(rate_at(schedule, 6), 2, 1e-15);
    CHECK(rate_at(schedule, INT64_MAX) >= 0);
    tw_schedule_free(schedule);
    OK(tw_schedule_polynomial_new(4, 2, &schedule));
    NEAR(rate_at(schedule, 2), 0.5, 1e-15);
    double rate = 0;
    FAILS(TW_ERROR_INDEX, tw_schedule_rate(schedule, -1, 2, &rate));
    FAILS(TW_ERROR_NULL, tw_schedule_rate(schedule, 1, 2, NULL));
    FAILS(TW_ERROR_NUMERIC, tw_schedule_rate(schedule, 1, -2, &rate));
    tw_schedule_free(schedule);
}

static int calls, freed;

static int thirds(void *context, int64_t step, double *factor) {
    ++calls;
    *factor = 1.0 / 3;
    return step >= *(int *)context;
}

static void note(void *context) {
    (void)context;
    ++freed;
}

static void callbacks(void) {
    tw_schedule *schedule = NULL, *warm = NULL;
    int most = 2;
    calls = freed = 0;
    OK(tw_schedule_callback_new(thirds, &most, note, &schedule));
    OK(tw_schedule_warmup_new(1, 0, schedule, &warm));
    tw_optimizer *optimizer = optimizer_of(3);
    OK(tw_schedule_attach(warm, optimizer));
    tw_schedule_free(schedule);
    CHECK(freed == 0 && calls > 0);
    NEAR(rate_of(optimizer), 0, 0);
    OK(tw_schedule_step(warm));
    NEAR(rate_of(optimizer), 1, 1e-15);
    OK(tw_schedule_step(warm));
    FAILS(TW_ERROR_CANCELLED, tw_schedule_step(warm));
    int64_t step = 0;
    OK(tw_schedule_last_step(warm, &step));
    CHECK(step == 2);
    tw_schedule_free(warm);
    CHECK(freed == 1);
    tw_optimizer_free(optimizer);
    FAILS(TW_ERROR_NULL, tw_schedule_callback_new(NULL, NULL, note, &schedule));
    CHECK(freed == 2);
}

static void plateau(void) {
    tw_schedule *schedule = NULL, *other = NULL;
    tw_plateau_options options = TW_PLATEAU_OPTIONS_INIT;
    options.patience = 0;
    OK(tw_schedule_plateau_new(&options, &schedule));
    FAILS(TW_ERROR_STATE, tw_schedule_step_metric(schedule, 1));
    tw_optimizer *optimizer = optimizer_of(1);
    OK(tw_schedule_attach(schedule, optimizer));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_step(schedule));
    OK(tw_schedule_step_metric(schedule, 1));
    OK(tw_schedule_step_metric(schedule, 1));
    NEAR(rate_of(optimizer), 0.1, 1e-15);
    OK(tw_schedule_step_metric(schedule, NAN));
    NEAR(rate_of(optimizer), 0.01, 1e-15);
    double rate;
    FAILS(TW_ERROR_UNSUPPORTED, tw_schedule_rate(schedule, 1, 1, &rate));
    FAILS(TW_ERROR_UNSUPPORTED, tw_schedule_warmup_new(3, 0, schedule, &other));
    CHECK(other == NULL);
    tw_schedule_free(schedule);
    tw_optimizer_free(optimizer);
}

static void schedule_states(void) {
    tw_schedule *a = NULL, *b = NULL, *c = NULL;
    tw_optimizer *one = optimizer_of(1), *two = optimizer_of(1);
    OK(tw_schedule_cosine_new(20, 0, &a));
    OK(tw_schedule_cosine_new(20, 0, &b));
    OK(tw_schedule_step_new(2, 0.5, &c));
    OK(tw_schedule_attach(a, one));
    OK(tw_schedule_attach(b, two));
    for (int i = 0; i < 7; ++i) OK(tw_schedule_step(a));
    OK(tw_schedule_save(a, path()));
    OK(tw_schedule_load(b, path()));
    CHECK(rate_of(one) == rate_of(two));
    OK(tw_schedule_step(a));
    OK(tw_schedule_step(b));
    CHECK(rate_of(one) == rate_of(two));
    OK(tw_schedule_attach(c, two));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "schedule.cosine.step", tw_schedule_load(c, path()));
    char text[256];
    OK(tw_schedule_state_names(a, text, sizeof text, NULL));
    TEXT(text, "schedule.cosine.step\nschedule.cosine.base.0");
    remove(path());
    tw_schedule_free(a);
    tw_schedule_free(b);
    tw_schedule_free(c);
    tw_optimizer_free(one);
    tw_optimizer_free(two);
}

static void bad_numbers(void) {
    tw_schedule *schedule = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_constant_new(-1, 3, &schedule));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_constant_new(1, -3, &schedule));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_linear_new(0, NAN, 3, &schedule));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_step_new(INT64_MIN, 0.5, &schedule));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_multi_step_new((const int64_t[]){5, 2}, 2, 0.5, &schedule));
    FAILS(TW_ERROR_NULL, tw_schedule_multi_step_new(NULL, 2, 0.5, &schedule));
    FAILS(TW_ERROR_SHAPE, tw_schedule_multi_step_new(NULL, -2, 0.5, &schedule));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_exponential_new(INFINITY, &schedule));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_cosine_new(0, 0, &schedule));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_one_cycle_new(NULL, &schedule)); /* no steps */
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_schedule_sequential_new(NULL, 0, NULL, &schedule));
    FAILS(TW_ERROR_NULL, tw_schedule_sequential_new(NULL, 1, NULL, &schedule));
    FAILS(TW_ERROR_NULL, tw_schedule_warmup_new(1, 0, NULL, &schedule));
    FAILS(TW_ERROR_NULL, tw_schedule_cosine_new(5, 0, NULL));
    FAILS(TW_ERROR_NULL, tw_schedule_step(NULL));
    CHECK(schedule == NULL);
    tw_schedule_free(NULL);
    /* Warm-ups of warm-ups, too many. */
    OK(tw_schedule_exponential_new(0.5, &schedule));
    tw_status status = TW_OK;
    for (int i = 0; i < 100 && status == TW_OK; ++i) {
        tw_schedule *next = NULL;
        status = tw_schedule_warmup_new(1, 0, schedule, &next);
        if (status == TW_OK) {
            tw_schedule_free(schedule);
            schedule = next;
        }
    }
    CHECK(status == TW_ERROR_INVALID_ARGUMENT);
    tw_schedule_free(schedule);
}

static void finder(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    tw_optimizer *optimizer = NULL;
    OK(tw_linear_new(1, 1, NULL, &m));
    OK(tw_adam_new(NULL, &optimizer));
    OK(tw_optimizer_add_module(optimizer, m));
    tw_tensor *x = tw_ones(s, SIZES(8, 1), TW_FLOAT32), *y = tw_full(s, SIZES(8, 1), 5, TW_FLOAT32);
    double before = 0, after = 0;
    tw_tensor *weight = tw_module_parameter_named(s, m, "weight");
    OK(tw_tensor_to_double(weight, &before, 1));
    tw_find_rate_options options = TW_FIND_RATE_OPTIONS_INIT;
    options.steps = 50;
    double found[50], losses[50], suggestion = 0;
    int64_t count = 0;
    OK(tw_find_learning_rate(m, optimizer, x, y, &options, found, losses, &count, &suggestion));
    CHECK(count > 2 && count <= 50);
    NEAR(found[0], 1e-7, 1e-15);
    CHECK(suggestion > 1e-4 && suggestion <= 10);
    OK(tw_tensor_to_double(weight, &after, 1));
    CHECK(before == after);
    NEAR(rate_of(optimizer), 1e-3, 0);
    OK(tw_find_learning_rate(m, optimizer, x, y, NULL, NULL, NULL, NULL, NULL));
    options.end = options.start;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_find_learning_rate(m, optimizer, x, y, &options, found, losses, &count, NULL));
    options = (tw_find_rate_options)TW_FIND_RATE_OPTIONS_INIT;
    options.steps = INT64_MAX;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_find_learning_rate(m, optimizer, x, y, &options, NULL, NULL, &count, NULL));
    options.steps = 10;
    options.batch_size = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_find_learning_rate(m, optimizer, x, y, &options, NULL, NULL, &count, NULL));
    FAILS(TW_ERROR_NULL, tw_find_learning_rate(m, NULL, x, y, NULL, NULL, NULL, NULL, NULL));
    tw_module_free(m);
    tw_optimizer_free(optimizer);
    tw_scope_free(s);
}

static void set_weight(tw_module *m, double value) {
    tw_scope *s = tw_scope_new();
    OK(tw_tensor_assign(tw_module_parameter_named(s, m, "weight"), MATRIX(s, 1, 1, value)));
    tw_scope_free(s);
}

static void averages(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL, *other = NULL;
    tw_average *ema = NULL, *swa = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.bias = false;
    linear.dtype = TW_FLOAT64;
    OK(tw_linear_new(1, 1, &linear, &m));
    tw_ema_options options = TW_EMA_OPTIONS_INIT;
    options.decay = 0.5;
    OK(tw_ema_new(m, &options, &ema));
    OK(tw_swa_new(m, false, &swa));
    for (int i = 1; i <= 3; ++i) {
        set_weight(m, i);
        OK(tw_average_update(ema));
        OK(tw_average_update(swa));
    }
    VALUES(tw_average_tensor(s, ema, "weight"), 1e-15, 2.25); /* 1, then 1.5, then 2.25 */
    VALUES(tw_average_tensor(s, swa, "weight"), 1e-15, 2);
    int64_t count = 0;
    OK(tw_average_updates(ema, &count));
    CHECK(count == 3);
    OK(tw_average_apply(ema));
    VALUES(tw_module_parameter_named(s, m, "weight"), 1e-15, 2.25);
    FAILS(TW_ERROR_STATE, tw_average_apply(ema));
    FAILS(TW_ERROR_STATE, tw_average_update(ema));
    OK(tw_average_restore(ema));
    FAILS(TW_ERROR_STATE, tw_average_restore(ema));
    VALUES(tw_module_parameter_named(s, m, "weight"), 0, 3);
    REFUSES(TW_ERROR_INDEX, tw_average_tensor(s, ema, "bias"));
    OK(tw_average_save(ema, path()));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "swa.average.weight", tw_average_load(swa, path()));
    OK(tw_average_load(ema, path()));
    remove(path());
    OK(tw_linear_new(2, 1, &linear, &other));
    FAILS(TW_ERROR_SHAPE, tw_average_copy_to(ema, other));
    tw_module_free(other);
    OK(tw_average_copy_to(swa, m));
    VALUES(tw_module_parameter_named(s, m, "weight"), 1e-15, 2);
    options.decay = 1;
    tw_average *none = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ema_new(m, &options, &none));
    FAILS(TW_ERROR_NULL, tw_swa_new(NULL, false, &none));
    CHECK(none == NULL);
    tw_module_free(m);
    OK(tw_average_update(swa));
    tw_average_free(ema);
    tw_average_free(swa);
    tw_scope_free(s);
}

int main(void) {
    RUN(rates);
    RUN(callbacks);
    RUN(plateau);
    RUN(schedule_states);
    RUN(bad_numbers);
    RUN(finder);
    RUN(averages);
    return check_report();
}
