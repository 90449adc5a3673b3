/* The memory that the library keeps: statistics, the limit, and none more over a long run. */
#include "check.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static tw_memory_statistics stats(void) {
    tw_memory_statistics result = TW_MEMORY_STATISTICS_INIT;
    OK(tw_memory_stats(&result));
    return result;
}

static void bytes_in_use_follow_the_tensors(void) {
    tw_scope *s = tw_scope_new();
    tw_memory_statistics before = stats();
    tw_zeros(s, SIZES(1 << 20), TW_FLOAT64); /* powers of two come in blocks of their size */
    tw_zeros(s, SIZES(16), TW_FLOAT32);
    tw_memory_statistics with = stats();
    CHECK(with.bytes_in_use == before.bytes_in_use + (8 << 20) + 64);
    CHECK(with.peak_bytes_in_use >= with.bytes_in_use);
    CHECK(with.allocations == before.allocations + 2);
    tw_scope_free(s);
    tw_memory_statistics after = stats();
    CHECK(after.bytes_in_use == before.bytes_in_use);
    CHECK(after.bytes_cached >= 8 << 20);
    CHECK(after.peak_bytes_in_use >= with.bytes_in_use);
    /* The next of its size needs no memory of the system's. */
    tw_tensor *again = tw_zeros(NULL, SIZES(1 << 20), TW_FLOAT64);
    CHECK(stats().system_allocations == after.system_allocations);
    tw_release(again);
}

static void the_limit_bounds_what_is_kept(void) {
    tw_memory_statistics before = stats();
    const int64_t limits[] = {0, 1 << 20, 64 << 20};
    for (int i = 0; i < 3; ++i) {
        OK(tw_set_cache_limit(limits[i]));
        CHECK(stats().cache_limit == limits[i]);
        CHECK(stats().bytes_cached <= limits[i]);
        tw_scope *s = tw_scope_new();
        for (int64_t n = 1; n < 40 << 20; n *= 3) tw_zeros(s, SIZES(n), TW_UINT8);
        tw_scope_free(s);
        CHECK(stats().bytes_cached <= limits[i] + (i == 2 ? 1 << 20 : 0));
        CHECK(i == 0 ? stats().bytes_cached == 0 : stats().bytes_cached > 0);
    }
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_set_cache_limit(-1));
    CHECK(stats().cache_limit == limits[2]);
    OK(tw_set_cache_limit(before.cache_limit));
}

static void bad_structs(void) {
    tw_memory_statistics result = TW_MEMORY_STATISTICS_INIT;
    FAILS(TW_ERROR_NULL, tw_memory_stats(NULL));
    result.struct_size = 4;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_memory_stats(&result));
    /* A newer program's longer struct: the rest becomes 0. */
    struct {
        tw_memory_statistics known;
        int64_t more[2];
    } longer = {TW_MEMORY_STATISTICS_INIT, {-1, -1}};
    longer.known.struct_size = sizeof longer;
    OK(tw_memory_stats(&longer.known));
    CHECK(longer.known.struct_size == sizeof longer && longer.more[0] == 0 && longer.more[1] == 0);
}

/* One step of a small network. */
static void step(tw_scope *s, tw_module *m, tw_optimizer *optimizer, tw_tensor *x, tw_tensor *y) {
    tw_tensor *loss = tw_mse_loss(s, tw_module_forward(s, m, x), y);
    OK(tw_optimizer_zero_grad(optimizer));
    OK(tw_backward(s, loss));
    OK(tw_optimizer_step(optimizer));
    tw_scope_clear(s);
}

static void a_long_run_takes_no_more(void) {
    tw_module *layers[3], *m = NULL;
    tw_optimizer *optimizer = NULL;
    OK(tw_linear_new(40, 300, NULL, &layers[0]));
    OK(tw_relu_new(&layers[1]));
    OK(tw_linear_new(300, 1, NULL, &layers[2]));
    OK(tw_sequential_new(layers, 3, &m));
    OK(tw_adam_new(NULL, &optimizer));
    OK(tw_optimizer_add_module(optimizer, m));
    tw_scope *data = tw_scope_new(), *s = tw_scope_new();
    tw_tensor *x = tw_random_normal(data, NULL, SIZES(64, 40), 0, 1, TW_FLOAT32);
    tw_tensor *y = tw_random_normal(data, NULL, SIZES(64, 1), 0, 1, TW_FLOAT32);
    for (int i = 0; i < 10; ++i) step(s, m, optimizer, x, y);
    tw_memory_statistics early = stats();
    for (int i = 0; i < (under_valgrind() ? 50 : 3000); ++i) step(s, m, optimizer, x, y);
    tw_memory_statistics late = stats();
    CHECK(late.bytes_in_use == early.bytes_in_use);
    CHECK(late.bytes_cached == early.bytes_cached);
    CHECK(late.system_allocations == early.system_allocations);
    tw_scope_free(s);
    tw_scope_free(data);
    tw_optimizer_free(optimizer);
    tw_module_free(m);
    for (int i = 0; i < 3; ++i) tw_module_free(layers[i]);
}

static void an_operation_takes_one_block(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_ones(s, SIZES(4, 4), TW_FLOAT32), *b = tw_ones(s, SIZES(4, 4), TW_FLOAT32);
    OK(tw_tensor_set_requires_grad(a, true));
    int64_t before = stats().allocations;
    tw_tensor *sum = tw_add(s, a, b);
    CHECK(stats().allocations == before + 1);
    tw_relu(s, sum);
    CHECK(stats().allocations == before + 2);
    tw_transpose(s, sum, 0, 1);
    tw_detach(s, sum);
    CHECK(stats().allocations == before + 2);
    /* Of a sum backward needs the seed and the gradient that it spreads; the leaf takes that over. */
    tw_tensor *total = tw_sum(s, a, NULL, 0, false);
    before = stats().allocations;
    OK(tw_backward(s, total));
    CHECK(stats().allocations <= before + 2);
    tw_scope_free(s);
}

static void gradients_with_a_tape_are_released(void) {
    int64_t in_use = stats().bytes_in_use;
    for (int i = 0; i < 20; ++i) {
        tw_scope *s = tw_scope_new();
        tw_tensor *x = VECTOR(s, 1, 2, 3), *saved = VECTOR(s, 4, 5, 6);
        OK(tw_tensor_set_requires_grad(x, true));
        tw_tensor *y = tw_multiply(s, tw_multiply(s, x, x), saved);
        tw_grad_options options = TW_GRAD_OPTIONS_INIT;
        options.create_graph = true;
        OK(tw_backward_with(s, tw_sum(s, y, NULL, 0, false), &options));
        VALUES(tw_tensor_grad(s, x), 1e-12, 8, 20, 36);
        /* What the tape saved before it became a leaf is no part of a ring either. */
        OK(tw_tensor_set_requires_grad(saved, true));
        OK(tw_backward_with(s, tw_sum(s, tw_multiply(s, tw_tensor_grad(s, x), saved), NULL, 0, false), &options));
        CHECK(tw_tensor_grad(s, saved) != NULL);
        tw_scope_free(s);
    }
    CHECK(stats().bytes_in_use == in_use);
}

static void *use(void *unused) {
    (void)unused;
    tw_scope *s = tw_scope_new();
    for (int64_t n = 1; n < 1 << 20; n *= 5) tw_ones(s, SIZES(n), TW_FLOAT32);
    tw_scope_free(s);
    return NULL;
}

static void threads_that_end_leave_nothing_behind(void) {
    use(NULL);
    int64_t in_use = stats().bytes_in_use, system = 0;
    for (int i = 0; i < 50; ++i) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, use, NULL) == 0 && pthread_join(thread, NULL) == 0);
        if (i == 4) system = stats().system_allocations;
    }
    CHECK(stats().bytes_in_use == in_use);
    CHECK(stats().system_allocations == system);
}

static void *release(void *tensor) {
    tw_release(tensor);
    return NULL;
}

static void what_one_thread_takes_another_gives_back(void) {
    int64_t in_use = stats().bytes_in_use, system = 0;
    for (int i = 0; i < 100; ++i) {
        tw_tensor *a = tw_ones(NULL, SIZES(100), TW_FLOAT64);
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, release, a) == 0 && pthread_join(thread, NULL) == 0);
        if (i == 50) system = stats().system_allocations;
    }
    CHECK(stats().bytes_in_use == in_use);
    CHECK(stats().system_allocations == system);
}

static void a_child_of_fork_goes_on(void) {
    use(NULL);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int64_t in_use = stats().bytes_in_use;
        for (int i = 0; i < 10; ++i) use(NULL);
        _exit(check_problems == 0 && stats().bytes_in_use == in_use ? 0 : 3);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    RUN(bytes_in_use_follow_the_tensors);
    RUN(the_limit_bounds_what_is_kept);
    RUN(bad_structs);
    RUN(a_long_run_takes_no_more);
    RUN(an_operation_takes_one_block);
    RUN(gradients_with_a_tape_are_released);
    RUN(threads_that_end_leave_nothing_behind);
    RUN(what_one_thread_takes_another_gives_back);
    RUN(a_child_of_fork_goes_on);
    return check_report();
}
