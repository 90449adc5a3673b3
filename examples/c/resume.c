/* Trains a network, interrupts it half way, and resumes from a checkpoint: the weights come out as if it had
 * never stopped.
 *
 * Output:
 *     begun, and stopped after 270 updates:
 *       wrote step-000000000200.safetensors
 *       epoch  5/20: loss 0.0940, 250 updates
 *       wrote step-000000000270.safetensors
 *     resumed:
 *       epoch 10/20: loss 0.0877, 500 updates
 *       epoch 15/20: loss 0.0814, 750 updates
 *       epoch 20/20: loss 0.0768, 1000 updates
 *     undisturbed:
 *       epoch  5/20: loss 0.0940, 250 updates
 *       epoch 10/20: loss 0.0877, 500 updates
 *       epoch 15/20: loss 0.0814, 750 updates
 *       epoch 20/20: loss 0.0768, 1000 updates
 *     largest difference of the last weights: 0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talweg.h>

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

/* A network with dropout, whose random numbers are part of a checkpoint, and an optimizer: always the same. */
static tw_module *network(tw_optimizer **optimizer) {
    tw_generator *generator = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    tw_module *layers[4], *model = NULL;
    must(tw_generator_new(1, &generator));
    linear.generator = generator;
    must(tw_linear_new(1, 64, &linear, &layers[0]));
    must(tw_tanh_new(&layers[1]));
    must(tw_dropout_new(0.05, 2, &layers[2]));
    must(tw_linear_new(64, 1, &linear, &layers[3]));
    must(tw_sequential_new(layers, 4, &model));
    for (int i = 0; i < 4; ++i) tw_module_free(layers[i]);
    tw_generator_free(generator);
    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    adam.learning_rate = 0.02;
    must(tw_adam_new(&adam, optimizer));
    must(tw_optimizer_add_module(*optimizer, model));
    return model;
}

/* A line a few epochs, and the wish to stop after 270 updates if `context` says so. */
static int watch(void *context, const tw_fit_event *event) {
    if (event->kind == TW_FIT_EPOCH_END && event->epoch % 5 == 0)
        printf("  epoch %2d/%d: loss %.4f, %d updates\n", (int)event->epoch, (int)event->epochs, event->loss,
               (int)event->step);
    if (event->kind == TW_FIT_CHECKPOINT_WRITTEN && *(const int *)context)
        printf("  wrote %s\n", strrchr(event->path, '/') + 1);
    return *(const int *)context && event->kind == TW_FIT_BATCH_END && event->step == 270;
}

/* Trains a new network, and gives it. */
static tw_module *train(const tw_tensor *x, const tw_tensor *y, const char *folder, const char *resume, int stops) {
    tw_optimizer *optimizer = NULL;
    tw_module *model = network(&optimizer);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 20;
    options.batch_size = 8;
    options.checkpoint_folder = folder;
    options.checkpoint_steps = 200;
    options.checkpoint_keep = 1;
    options.resume = resume;
    options.on_event = watch;
    options.context = &stops;
    tw_status status = tw_fit(model, optimizer, x, y, &options, NULL);
    if (status != TW_ERROR_CANCELLED) must(status);
    tw_optimizer_free(optimizer);
    return model;
}

int main(void) {
    const char *folder = "resume-checkpoints";
    const int64_t column[] = {400, 1};
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_reshape(s, tw_linspace(s, -3, 3, 400, TW_FLOAT32), column, 2);
    tw_tensor *y = tw_sin(s, tw_multiply_scalar(s, x, 2));

    printf("begun, and stopped after 270 updates:\n");
    tw_module *stopped = train(x, y, folder, NULL, 1);
    printf("resumed:\n");
    tw_module *resumed = train(x, y, folder, folder, 0);
    printf("undisturbed:\n");
    tw_module *whole = train(x, y, NULL, NULL, 0);

    tw_tensor *a = tw_module_parameter_named(s, resumed, "3.weight");
    tw_tensor *b = tw_module_parameter_named(s, whole, "3.weight");
    double difference = 1;
    must(tw_tensor_item(tw_max(s, tw_absolute(s, tw_subtract(s, a, b)), NULL, 0, false), &difference));
    printf("largest difference of the last weights: %g\n", difference);

    /* The last checkpoint is of no more use. */
    char path[300];
    must(tw_checkpoint_newest(folder, path, sizeof path, NULL));
    remove(path);
    remove(folder);
    tw_module_free(stopped);
    tw_module_free(resumed);
    tw_module_free(whole);
    tw_scope_free(s);
    return difference == 0 ? 0 : 1;
}
