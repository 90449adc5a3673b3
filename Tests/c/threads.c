/* Threads: independent handles at once, one tensor read by several, errors of
   each thread's own, fork, and the same bits on any number of threads. */
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { workers = 4 };

static tw_tensor *shared;

/* Work of every kind on handles of the thread's own; gives a number that all threads must agree on. */
static void *work(void *result) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    tw_module *m = NULL;
    tw_optimizer *optimizer = NULL;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    bool good = tw_generator_new(5, &g) == TW_OK;
    linear.generator = g;
    good = good && tw_linear_new(20, 1, &linear, &m) == TW_OK && tw_adam_new(NULL, &optimizer) == TW_OK &&
           tw_optimizer_add_module(optimizer, m) == TW_OK;
    for (int i = 0; good && i < (under_valgrind() ? 5 : 100); ++i) {
        tw_tensor *x = tw_random_normal(s, g, SIZES(64, 20), 0, 1, TW_FLOAT32);
        tw_tensor *y = tw_sum(s, x, (const int64_t[]){1}, 1, true);
        tw_tensor *loss = tw_mse_loss(s, tw_module_forward(s, m, x), y);
        good = tw_optimizer_zero_grad(optimizer) == TW_OK && tw_backward(s, loss) == TW_OK &&
               tw_optimizer_step(optimizer) == TW_OK;
        tw_scope_clear(s);
    }
    tw_tensor *product = tw_matmul(s, shared, tw_transpose(s, shared, 0, 1));
    tw_tensor *sum = tw_sum(s, tw_module_parameter(s, m, 0), NULL, 0, false);
    *(double *)result = good ? item(sum) + item(tw_sum(s, product, NULL, 0, false)) : NAN;
    tw_optimizer_free(optimizer);
    tw_module_free(m);
    tw_generator_free(g);
    tw_scope_free(s);
    return NULL;
}

static void several_threads_at_once(void) {
    pthread_t threads[workers];
    double results[workers];
    shared = tw_ones(NULL, SIZES(100, 50), TW_FLOAT32);
    for (int i = 0; i < workers; ++i) CHECK(pthread_create(&threads[i], NULL, work, &results[i]) == 0);
    for (int i = 0; i < workers; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    for (int i = 0; i < workers; ++i) CHECK(!isnan(results[i]) && results[i] == results[0]);
    tw_release(shared);
}

static void *fail(void *result) {
    *(bool *)result = tw_last_status() == TW_OK; /* another thread's error is not this one's */
    tw_tensor *a = tw_ones(NULL, SIZES(2), TW_FLOAT32), *none = tw_select(NULL, a, 0, 7);
    *(bool *)result = *(bool *)result && none == NULL && tw_last_status() == TW_ERROR_INDEX && tw_grad_enabled();
    tw_release(a);
    return NULL;
}

static void errors_and_modes_are_the_threads_own(void) {
    tw_tensor *a = tw_ones(NULL, SIZES(2, 3), TW_FLOAT32);
    REFUSES(TW_ERROR_SHAPE, tw_matmul(NULL, a, a));
    tw_set_grad_enabled(false);
    pthread_t thread;
    bool good = false;
    CHECK(pthread_create(&thread, NULL, fail, &good) == 0 && pthread_join(thread, NULL) == 0);
    CHECK(good);
    CHECK(tw_last_status() == TW_ERROR_SHAPE);
    CHECK(!tw_grad_enabled());
    tw_set_grad_enabled(true);
    tw_release(a);
}

static void *release_elsewhere(void *tensor) {
    tw_release(tensor);
    return NULL;
}

static void a_tensor_can_be_released_by_another_thread(void) {
    tw_tensor *a = tw_ones(NULL, SIZES(1000), TW_FLOAT64), *view = tw_slice(NULL, a, 0, 10, 20, 1);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, release_elsewhere, a) == 0 && pthread_join(thread, NULL) == 0);
    VALUES(view, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    tw_release(view);
}

/* A training step large enough for several threads; the bytes of what came of it. */
static void train(unsigned char *bytes, size_t capacity) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(21, &g));
    int64_t rows = under_valgrind() ? 70 : 700, width = under_valgrind() ? 33 : 257;
    tw_tensor *x = tw_random_normal(s, g, SIZES(rows, width), 0, 1, TW_FLOAT32);
    tw_tensor *w = tw_random_normal(s, g, SIZES(width, width), 0, 0.1, TW_FLOAT32);
    OK(tw_tensor_set_requires_grad(w, true));
    tw_tensor *h = tw_gelu(s, tw_matmul(s, x, w));
    tw_tensor *y = tw_softmax(s, tw_add(s, h, tw_sin(s, x)), -1);
    OK(tw_backward(s, tw_sum(s, tw_multiply(s, tw_square(s, y), tw_exp(s, h)), NULL, 0, false)));
    tw_tensor *gradient = tw_tensor_grad(s, w);
    tw_tensor *parts[] = {tw_sum(s, y, (const int64_t[]){0}, 1, false), tw_sum(s, x, NULL, 0, false),
                          tw_mean(s, gradient, (const int64_t[]){1}, 1, false), tw_norm(s, gradient, NULL, 0, false),
                          tw_max(s, h, (const int64_t[]){0}, 1, false)};
    size_t at = 0;
    for (int i = 0; i < 5; ++i) {
        int64_t count = 0;
        OK(tw_tensor_count(parts[i], &count));
        OK(tw_tensor_copy_to(parts[i], bytes + at, capacity - at));
        at += (size_t)count * 4;
    }
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(x, y, NULL, &fit));
    tw_tensor *coefficients = tw_lstsq_result_coefficients(s, fit);
    OK(tw_tensor_copy_to(tw_select(s, coefficients, 0, 0), bytes + at, capacity - at));
    tw_lstsq_result_free(fit);
    tw_generator_free(g);
    tw_scope_free(s);
}

static void the_same_bits_on_any_number_of_threads(void) {
    static unsigned char first[8192], other[8192];
    int64_t before = tw_num_threads();
    CHECK(before >= 1);
    OK(tw_set_num_threads(1));
    train(first, sizeof first);
    const int64_t counts[] = {2, 3, 8};
    for (int i = 0; i < (under_valgrind() ? 1 : 3); ++i) {
        OK(tw_set_num_threads(counts[i]));
        CHECK(tw_num_threads() == counts[i]);
        train(other, sizeof other);
        CHECK(memcmp(first, other, sizeof first) == 0);
    }
    OK(tw_set_num_threads(before));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_set_num_threads(0));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_set_num_threads(-1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_set_num_threads(1025));
    CHECK(tw_num_threads() == before);
}

static void work_after_fork(void) {
    static unsigned char first[8192], other[8192];
    int64_t before = tw_num_threads();
    OK(tw_set_num_threads(2));
    train(first, sizeof first); /* the pool is at work before the fork */
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(under_valgrind() ? 300 : 60); /* a child that waits for threads it has not ends here */
        train(other, sizeof other);
        _exit(check_problems == 0 && memcmp(first, other, sizeof first) == 0 ? 0 : 3);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    train(other, sizeof other); /* and the parent goes on */
    CHECK(memcmp(first, other, sizeof first) == 0);
    OK(tw_set_num_threads(before));
}

static void forks_of_forks_and_threads(void) {
    double expected = 0;
    shared = tw_ones(NULL, SIZES(100, 50), TW_FLOAT32);
    work(&expected);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(under_valgrind() ? 300 : 60);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            double result = 0;
            pthread_t thread;
            bool good = pthread_create(&thread, NULL, work, &result) == 0 && pthread_join(thread, NULL) == 0;
            _exit(good && result == expected ? 0 : 3);
        }
        int status = -1;
        waitpid(grandchild, &status, 0);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 4);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    tw_release(shared);
}

int main(void) {
    RUN(several_threads_at_once);
    RUN(errors_and_modes_are_the_threads_own);
    RUN(a_tensor_can_be_released_by_another_thread);
    RUN(the_same_bits_on_any_number_of_threads);
    RUN(work_after_fork);
    RUN(forks_of_forks_and_threads);
    return check_report();
}
