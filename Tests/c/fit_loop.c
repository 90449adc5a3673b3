/* The fit loop's options beyond epochs: steps, losses and metrics of the caller's, events, checkpoints, histories as
   files, event files. */
#include "check.h"

#include <sys/stat.h>
#include <unistd.h>

enum { rows = 24 };

struct task {
    tw_scope *s;
    tw_tensor *x, *y;
    tw_module *module;
    tw_optimizer *optimizer;
};

/* A network with dropout on data from seeds: always the same. */
static struct task task_new(void) {
    struct task t = {tw_scope_new(), NULL, NULL, NULL, NULL};
    tw_generator *g = NULL;
    OK(tw_generator_new(5, &g));
    t.x = tw_random_normal(t.s, g, SIZES(rows, 3), 0, 1, TW_FLOAT32);
    t.y = tw_sum(t.s, tw_square(t.s, t.x), (const int64_t[]){1}, 1, true);
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    linear.generator = g;
    tw_module *layers[4] = {NULL, NULL, NULL, NULL};
    OK(tw_linear_new(3, 6, &linear, &layers[0]));
    OK(tw_tanh_new(&layers[1]));
    OK(tw_dropout_new(0.2, 3, &layers[2]));
    OK(tw_linear_new(6, 1, &linear, &layers[3]));
    OK(tw_sequential_new(layers, 4, &t.module));
    for (int i = 0; i < 4; ++i) tw_module_free(layers[i]);
    tw_generator_free(g);
    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    adam.learning_rate = 0.05;
    OK(tw_adam_new(&adam, &t.optimizer));
    OK(tw_optimizer_add_module(t.optimizer, t.module));
    return t;
}

static void task_free(struct task *t) {
    tw_optimizer_free(t->optimizer);
    tw_module_free(t->module);
    tw_scope_free(t->s);
}

static tw_fit_options options_for(int64_t epochs) {
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = epochs;
    options.batch_size = 5;
    options.seed = 8;
    return options;
}

/* Whether the parameters of two modules have the same bits. */
static bool same_parameters(tw_module *a, tw_module *b) {
    tw_scope *s = tw_scope_new();
    int64_t count = 0;
    bool same = true;
    OK(tw_module_parameter_count(a, &count));
    for (int64_t i = 0; i < count; ++i)
        same = same_bytes(tw_module_parameter(s, a, i), tw_module_parameter(s, b, i)) && same;
    tw_scope_free(s);
    return same && count == 4;
}

/* A folder of the test's own. */
static const char *folder(const char *name) {
    static char path[200];
    snprintf(path, sizeof path, "/tmp/talweg-fit-%ld-%s", (long)getpid(), name);
    return path;
}

static void remove_folder(const char *path) {
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    CHECK(system(command) == 0);
}

static void steps_end_a_fit(void) {
    struct task t = task_new();
    tw_fit_options options = options_for(0);
    options.max_steps = 7;
    options.record_steps = 2;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    tw_fit_stop stop = TW_FIT_STOP_EPOCHS;
    int64_t epochs = 0, steps = 0;
    double value = 0;
    OK(tw_history_stop(history, &stop));
    OK(tw_history_epochs(history, &epochs));
    OK(tw_history_steps(history, &steps));
    CHECK(stop == TW_FIT_STOP_STEPS && epochs == 2 && steps == 3);
    OK(tw_history_value(history, TW_METRIC_STEPS, 1, &value));
    NEAR(value, 2, 0);
    OK(tw_history_value(history, TW_METRIC_LEARNING_RATE, 0, &value));
    NEAR(value, 0.05, 0);
    OK(tw_history_value(history, TW_METRIC_BYTES, 0, &value));
    CHECK(value > 0);
    OK(tw_history_step_value(history, TW_METRIC_STEPS, 2, &value));
    NEAR(value, 6, 0);
    OK(tw_history_step_value(history, TW_METRIC_STEP_SECONDS, 0, &value));
    CHECK(value > 0);
    OK(tw_history_step_value(history, TW_METRIC_ACCURACY, 0, &value));
    CHECK(isnan(value));
    FAILS(TW_ERROR_INDEX, tw_history_step_value(history, TW_METRIC_LOSS, 3, &value));
    FAILS(TW_ERROR_INDEX, tw_history_step_value(history, TW_METRIC_LOSS, -1, &value));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_history_step_value(history, (tw_metric)99, 0, &value));
    tw_history_free(history);
    task_free(&t);
}

/* ---- The caller's functions ------------------------------------------------ */

struct counts {
    int64_t events[9], losses;
    double last;
    int64_t stop_at;
};

static int squares(void *context, tw_scope *s, tw_tensor *output, tw_tensor *target, tw_tensor **loss) {
    ++((struct counts *)context)->losses;
    *loss = tw_mean(s, tw_square(s, tw_subtract(s, output, target)), NULL, 0, false);
    return 0;
}

static int no_mean(void *context, tw_scope *s, tw_tensor *output, tw_tensor *target, tw_tensor **loss) {
    (void)context;
    *loss = tw_square(s, tw_subtract(s, output, target));
    return 0;
}

static int failing(void *context, tw_scope *s, tw_tensor *output, tw_tensor *target, tw_tensor **loss) {
    (void)context;
    *loss = tw_matmul(s, output, target);
    return 0;
}

static int cancelling(void *context, tw_scope *s, tw_tensor *output, tw_tensor *target, tw_tensor **loss) {
    (void)context, (void)s, (void)output, (void)target, (void)loss;
    return 1;
}

static int absolute(void *context, tw_scope *s, tw_tensor *output, tw_tensor *target, double *value) {
    (void)context;
    return tw_tensor_item(tw_mean(s, tw_absolute(s, tw_subtract(s, output, target)), NULL, 0, false), value) != TW_OK;
}

static int watch(void *context, const tw_fit_event *event) {
    struct counts *counts = context;
    CHECK(event->struct_size == sizeof *event && event->path && event->message);
    ++counts->events[event->kind];
    if (event->kind == TW_FIT_BATCH_END) {
        CHECK(event->batches == 5 && event->steps == 15 && isfinite(event->loss) && event->learning_rate == 0.05);
        return event->step == counts->stop_at;
    }
    if (event->kind == TW_FIT_EPOCH_END) {
        CHECK(event->metric_count == 1 && isfinite(event->metrics[0]) && event->peak_bytes > 0);
        counts->last = event->loss;
    }
    return 0;
}

static void functions_of_the_caller(void) {
    struct task t = task_new(), u = task_new();
    struct counts counts = {{0}, 0, 0, -1};
    tw_fit_options plain = options_for(3), options = options_for(3);
    tw_fit_metric metrics[] = {{"mae", absolute, NULL}};
    options.loss_callback = squares;
    options.metrics = metrics;
    options.metric_count = 1;
    options.on_event = watch;
    options.context = &counts;
    options.drop_last = plain.drop_last = false;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &plain, NULL));
    OK(tw_fit(u.module, u.optimizer, u.x, u.y, &options, &history));
    CHECK(counts.losses == 15 && counts.events[TW_FIT_TRAIN_BEGIN] == 1 && counts.events[TW_FIT_TRAIN_END] == 1);
    CHECK(counts.events[TW_FIT_EPOCH_BEGIN] == 3 && counts.events[TW_FIT_EPOCH_END] == 3);
    CHECK(counts.events[TW_FIT_BATCH_BEGIN] == 15 && counts.events[TW_FIT_BATCH_END] == 15);
    double value = 0, held = 0;
    OK(tw_history_value(history, TW_METRIC_LOSS, 2, &value));
    NEAR(counts.last, value, 0);
    int64_t count = 0;
    char name[10];
    OK(tw_history_metric_count(history, &count));
    OK(tw_history_metric_name(history, 0, name, sizeof name, NULL));
    CHECK(count == 1 && strcmp(name, "mae") == 0);
    OK(tw_history_metric(history, 0, false, 2, &value));
    OK(tw_history_metric(history, 0, true, 2, &held));
    CHECK(value > 0 && isnan(held));
    FAILS(TW_ERROR_INDEX, tw_history_metric(history, 1, false, 0, &value));
    FAILS(TW_ERROR_INDEX, tw_history_metric(history, 0, false, 3, &value));
    FAILS(TW_ERROR_INDEX, tw_history_metric_name(history, -1, name, sizeof name, NULL));
    tw_history_free(history);
    history = NULL;
    /* An event stops it: the history is given. */
    counts.stop_at = 4;
    FAILS(TW_ERROR_CANCELLED, tw_fit(u.module, u.optimizer, u.x, u.y, &options, &history));
    OK(tw_history_epochs(history, &count));
    CHECK(count == 0);
    tw_history_free(history);
    task_free(&t);
    task_free(&u);
}

static void functions_that_fail(void) {
    struct task t = task_new(), u = task_new();
    tw_fit_options options = options_for(3);
    options.loss_callback = no_mean;
    FAILS_SAYING(TW_ERROR_SHAPE, "the loss has shape [5, 1]", tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    options.loss_callback = failing;
    FAILS_SAYING(TW_ERROR_SHAPE, "matmul", tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    options.loss_callback = cancelling;
    FAILS(TW_ERROR_CANCELLED, tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    options.loss_callback = NULL;
    tw_fit_metric nameless[] = {{"", absolute, NULL}}, empty[] = {{"a", NULL, NULL}},
                  twice[] = {{"a", absolute, NULL}, {"a", absolute, NULL}};
    options.metrics = nameless;
    options.metric_count = 1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    options.metrics = empty;
    FAILS(TW_ERROR_NULL, tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    options.metrics = twice;
    options.metric_count = 2;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    options.metric_count = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    options.metrics = NULL;
    options.metric_count = 1;
    FAILS(TW_ERROR_NULL, tw_fit(t.module, t.optimizer, t.x, t.y, &options, NULL));
    CHECK(same_parameters(t.module, u.module));
    task_free(&t);
    task_free(&u);
}

/* ---- Checkpoints ----------------------------------------------------------- */

static int stop_at_eight(void *context, const tw_fit_event *event) {
    (void)context;
    return event->step == 8;
}

static void a_resumed_fit_has_the_same_bits(void) {
    struct task whole = task_new(), cut = task_new(), fresh = task_new();
    tw_fit_options options = options_for(4);
    tw_seed(3);
    OK(tw_fit(whole.module, whole.optimizer, whole.x, whole.y, &options, NULL));
    options.checkpoint_folder = folder("resume");
    options.checkpoint_steps = 3;
    options.on_event = stop_at_eight;
    options.watched = 1u << TW_FIT_BATCH_END;
    tw_seed(3);
    FAILS(TW_ERROR_CANCELLED, tw_fit(cut.module, cut.optimizer, cut.x, cut.y, &options, NULL));
    CHECK(!same_parameters(cut.module, whole.module));
    options.on_event = NULL;
    options.resume = options.checkpoint_folder;
    tw_history *history = NULL;
    int64_t epochs = 0, failed = -1;
    OK(tw_fit(fresh.module, fresh.optimizer, fresh.x, fresh.y, &options, &history));
    OK(tw_history_epochs(history, &epochs));
    OK(tw_history_failed_checkpoints(history, &failed));
    CHECK(epochs == 4 && failed == 0 && same_parameters(fresh.module, whole.module));
    char path[300];
    OK(tw_checkpoint_newest(options.checkpoint_folder, path, sizeof path, NULL));
    CHECK(strstr(path, "/step-000000000020.safetensors") != NULL);
    tw_history_free(history);
    remove_folder(options.checkpoint_folder);
    task_free(&whole);
    task_free(&cut);
    task_free(&fresh);
}

static void one_step(struct task *t) {
    tw_scope *s = tw_scope_new();
    OK(tw_optimizer_zero_grad(t->optimizer));
    OK(tw_backward(s, tw_mse_loss(s, tw_module_forward(s, t->module, t->x), t->y)));
    OK(tw_optimizer_step(t->optimizer));
    tw_scope_free(s);
}

static void loops_of_the_caller(void) {
    struct task t = task_new(), u = task_new();
    char path[250];
    snprintf(path, sizeof path, "%s.safetensors", folder("loop"));
    tw_checkpoint_options parts = TW_CHECKPOINT_OPTIONS_INIT;
    const double numbers[] = {3, 0.1, -INFINITY};
    double found[3] = {0, 0, 0};
    int64_t count = 0;
    for (int i = 0; i < 3; ++i) one_step(&t);
    parts.optimizer = t.optimizer;
    OK(tw_checkpoint_save(path, t.module, &parts, numbers, 3));
    for (int i = 0; i < 3; ++i) one_step(&t);
    parts.optimizer = u.optimizer;
    OK(tw_checkpoint_load(path, u.module, &parts, found, 3, &count));
    CHECK(count == 3 && memcmp(found, numbers, sizeof numbers) == 0);
    for (int i = 0; i < 3; ++i) one_step(&u);
    CHECK(same_parameters(t.module, u.module));
    /* Another model: every name is told, and nothing is changed. */
    tw_module *other = NULL;
    OK(tw_linear_new(3, 1, NULL, &other));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "\"3.weight\"", tw_checkpoint_load(path, other, NULL, NULL, 0, NULL));
    CHECK(strstr(tw_last_message(), "\"0.bias\"") && strstr(tw_last_message(), "\"bias\""));
    FAILS(TW_ERROR_IO, tw_checkpoint_load("/tmp/talweg-none", u.module, NULL, NULL, 0, NULL));
    FAILS(TW_ERROR_IO, tw_checkpoint_save("/tmp/talweg-none/x", u.module, NULL, NULL, 0));
    FAILS(TW_ERROR_NULL, tw_checkpoint_save(path, u.module, NULL, NULL, 2));
    FAILS(TW_ERROR_NULL, tw_checkpoint_save(NULL, u.module, NULL, NULL, 0));
    FAILS(TW_ERROR_NULL, tw_checkpoint_load(path, NULL, NULL, NULL, 0, NULL));
    FAILS(TW_ERROR_IO, tw_checkpoint_newest("/tmp/talweg-none", NULL, 0, NULL));
    remove(path);
    tw_module_free(other);
    task_free(&t);
    task_free(&u);
}

/* ---- Files ------------------------------------------------------------------ */

/* Whether a file holds a text. */
static bool file_has(const char *path, const char *text) {
    char bytes[10000];
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    size_t count = fread(bytes, 1, sizeof bytes - 1, file);
    fclose(file);
    bytes[count] = 0;
    return strstr(bytes, text) != NULL;
}

static void histories_as_files(void) {
    struct task t = task_new();
    tw_fit_options options = options_for(2);
    options.record_steps = 1;
    options.validation_split = 0.25;
    tw_history *history = NULL;
    OK(tw_fit(t.module, t.optimizer, t.x, t.y, &options, &history));
    char path[250];
    snprintf(path, sizeof path, "%s.json", folder("history"));
    OK(tw_history_save(history, path));
    CHECK(file_has(path, "\"format\": \"talweg history\"") && file_has(path, "\"epoch\": [1, 2]"));
    CHECK(file_has(path, "\"step\": [1, 2, 3, 4, 5, 6, 7, 8]") && !file_has(path, "accuracy"));
    remove(path);
    snprintf(path, sizeof path, "%s.csv", folder("history"));
    OK(tw_history_save(history, path));
    CHECK(file_has(path, "epoch,loss,validation_loss,seconds,steps,learning_rate,step_seconds,peak_bytes\n1,"));
    OK(tw_history_save_steps(history, path));
    CHECK(file_has(path, "step,epoch,loss,learning_rate,seconds,bytes\n1,1,"));
    remove(path);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_history_save(history, "/tmp/talweg-history.txt"));
    FAILS(TW_ERROR_IO, tw_history_save(history, "/tmp/talweg-none/history.csv"));
    FAILS(TW_ERROR_NULL, tw_history_save(history, NULL));
    tw_history_free(history);
    task_free(&t);
}

static void event_files(void) {
    tw_scope *s = tw_scope_new();
    tw_event_writer *writer = NULL;
    char path[300];
    OK(tw_event_writer_new(folder("events"), &writer));
    OK(tw_event_writer_add_scalar(writer, "loss", 0.5, 1));
    OK(tw_event_writer_add_histogram(writer, "w", tw_arange(s, 0, 10, 1, TW_FLOAT32), 1, 5));
    OK(tw_event_writer_flush(writer));
    OK(tw_event_writer_path(writer, path, sizeof path, NULL));
    struct stat found;
    CHECK(stat(path, &found) == 0 && found.st_size > 100);
    tw_tensor *ones = tw_ones(s, SIZES(2), TW_FLOAT32);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_event_writer_add_histogram(writer, "w", ones, 1, 0));
    FAILS(TW_ERROR_NUMERIC, tw_event_writer_add_histogram(
                                writer, "w", tw_full(s, SIZES(2), NAN, TW_FLOAT32), 1, 3));
    FAILS(TW_ERROR_NULL, tw_event_writer_add_scalar(writer, NULL, 1, 1));
    OK(tw_event_writer_close(writer));
    OK(tw_event_writer_close(writer));
    FAILS(TW_ERROR_STATE, tw_event_writer_add_scalar(writer, "loss", 1, 1));
    tw_event_writer_free(writer);
    FAILS(TW_ERROR_INVALID_HANDLE, tw_event_writer_flush(writer));
    FAILS(TW_ERROR_IO, tw_event_writer_new("/tmp/talweg-none/events", &writer));
    tw_event_writer_free(NULL);
    remove_folder(folder("events"));
    tw_scope_free(s);
}

int main(void) {
    RUN(steps_end_a_fit);
    RUN(functions_of_the_caller);
    RUN(functions_that_fail);
    RUN(a_resumed_fit_has_the_same_bits);
    RUN(loops_of_the_caller);
    RUN(histories_as_files);
    RUN(event_files);
    return check_report();
}
