/* Memory that cannot be had is a status. */
#include "check.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t pebi = INT64_C(1) << 50;

static void a_request_for_2_to_the_50_bytes(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2, 3), *one = tw_ones(s, SIZES(1), TW_UINT8);
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_zeros(s, SIZES(pebi), TW_UINT8));
    CHECK(tw_scope_status(s) == TW_ERROR_OUT_OF_MEMORY);
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_ones(s, SIZES(pebi / 8), TW_FLOAT64));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_full(s, SIZES(1024, pebi / 4096), 1, TW_FLOAT32));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_arange(s, 0, (double)pebi, 1, TW_FLOAT64));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_linspace(s, 0, 1, pebi, TW_FLOAT64));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_eye(s, INT64_C(1) << 25, INT64_C(1) << 25, TW_UINT8));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_random_uniform(s, NULL, SIZES(pebi), 0, 1, TW_FLOAT32));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_random_permutation(s, NULL, pebi));
    tw_tensor *wide = tw_broadcast_to(s, one, SIZES(pebi)); /* a view takes no memory */
    SHAPE(wide, pebi);
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_copy(s, wide));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_add(s, wide, one));
    tw_module *m = NULL;
    FAILS(TW_ERROR_OUT_OF_MEMORY, tw_linear_new(INT64_C(1) << 25, INT64_C(1) << 25, NULL, &m));
    CHECK(m == NULL);
    VALUES(a, 0, 1, 2, 3);
    tw_scope_free(s);
}

/* Runs `body` in a child that may only take `more` bytes beyond what it has; its problems are its exit status. */
static void limited(void (*body)(void), size_t more) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        long pages = 0;
        FILE *file = fopen("/proc/self/statm", "r");
        if (file == NULL || fscanf(file, "%ld", &pages) != 1) _exit(9);
        fclose(file);
        struct rlimit limit;
        limit.rlim_cur = limit.rlim_max = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
        if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(9);
        check_problems = 0;
        body();
        fflush(stdout);
        _exit(check_problems == 0 ? 0 : 3);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        printf("  (%s %d)\n", WIFSIGNALED(status) ? "signal" : "exit status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* Doubles a tensor until no memory is left; what is there stays as it is. */
static void grow(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_ones(s, SIZES(1 << 20), TW_FLOAT64);
    CHECK(a != NULL);
    int doublings = 0;
    while (doublings < 20) {
        tw_tensor *next = tw_concatenate(s, (const tw_tensor *[]){a, a}, 2, 0);
        if (next == NULL) break;
        a = next;
        ++doublings;
    }
    CHECK(tw_scope_status(s) == TW_ERROR_OUT_OF_MEMORY && tw_scope_message(s)[0] != 0);
    CHECK(doublings > 0 && doublings < 10);
    double value = 0;
    OK(tw_tensor_item(tw_select(s, a, 0, -1), &value));
    CHECK(value == 1);
    /* What was taken can be given back and used again. */
    tw_scope_reset(s);
    CHECK(tw_ones(s, SIZES(1 << 21), TW_FLOAT64) != NULL);
    tw_scope_free(s);
}

static void little_memory(void) {
    if (under_valgrind()) SKIP("a limit on the address space also limits valgrind");
    tw_release(tw_ones(NULL, SIZES(16), TW_FLOAT64));
    limited(grow, (size_t)256 << 20);
}

/* Every operation whose result, or what it works with, does not fit. */
static void large_work(void) {
    tw_scope *s = tw_scope_new();
    const int64_t n = 2000; /* 32 MB in float64 */
    tw_tensor *a = tw_ones(s, SIZES(n, n), TW_FLOAT64), *row = tw_ones(s, SIZES(1, n), TW_FLOAT64);
    if (!CHECK(a != NULL && row != NULL)) return;
    OK(tw_tensor_set_requires_grad(a, true));
    for (int i = 0; i < 12; ++i) {
        tw_scope *inner = tw_scope_new();
        tw_tensor *t = a;
        for (int j = 0; j < 12 && t != NULL; ++j)
            switch (i) {
                case 0: t = tw_exp(inner, t); break;
                case 1: t = tw_add(inner, t, row); break;
                case 2: t = tw_matmul(inner, t, a); break;
                case 3: t = tw_softmax(inner, t, -1); break;
                case 4: t = tw_copy(inner, t); break;
                case 5: t = tw_contiguous(inner, tw_transpose(inner, t, 0, 1)); break;
                case 6: t = tw_cast(inner, t, j % 2 ? TW_FLOAT64 : TW_INT64); break;
                case 7: t = tw_where(inner, tw_greater(inner, t, row), t, row); break;
                case 8: t = tw_stack(inner, (const tw_tensor *[]){a, t}, 2, 0), t = tw_select(inner, t, 0, 1); break;
                case 9: t = tw_index_select(inner, t, 0, tw_arange(inner, 0, (double)n, 1, TW_INT64)); break;
                case 10: t = tw_dropout(inner, NULL, t, 0.5); break;
                case 11: t = tw_random_normal(inner, NULL, SIZES(n, n), 0, 1, TW_FLOAT64); break;
            }
        if (!CHECK(t == NULL && tw_scope_status(inner) == TW_ERROR_OUT_OF_MEMORY))
            printf("  (operation %d: %s)\n", i, tw_scope_message(inner));
        tw_scope_free(inner);
    }
    /* Backward, a fit and a training loop either work or say that there is no memory. */
    tw_scope *inner = tw_scope_new();
    tw_tensor *y = tw_mean(inner, tw_exp(inner, tw_sin(inner, tw_tanh(inner, a))), NULL, 0, false);
    tw_status status = tw_backward(inner, y);
    CHECK(status == TW_OK || status == TW_ERROR_OUT_OF_MEMORY);
    tw_scope_free(inner);
    tw_lstsq_result *fit = NULL;
    status = tw_lstsq(a, tw_select(s, a, 1, 0), NULL, &fit);
    CHECK(status == TW_OK || status == TW_ERROR_OUT_OF_MEMORY);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void little_memory_for_every_operation(void) {
    if (under_valgrind()) SKIP("a limit on the address space also limits valgrind");
    tw_release(tw_ones(NULL, SIZES(16), TW_FLOAT64));
    limited(large_work, (size_t)200 << 20);
}

int main(void) {
    RUN(a_request_for_2_to_the_50_bytes);
    RUN(little_memory);
    RUN(little_memory_for_every_operation);
    return check_report();
}
