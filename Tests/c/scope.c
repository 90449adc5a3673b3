/* Who owns tensors, where errors go, and what a handle that is none does. */
#include "check.h"

static void scope_owns_its_tensors(void) {
    int64_t before = tw_live_handles();
    tw_scope *s = tw_scope_new();
    CHECK(tw_live_handles() == before + 1);
    tw_tensor *a = tw_ones(s, SIZES(2, 3), TW_FLOAT32);
    tw_tensor *b = tw_add(s, a, a);
    CHECK(b != NULL && tw_live_handles() == before + 3);
    tw_scope_clear(s);
    CHECK(tw_live_handles() == before + 1);
    CHECK(tw_ones(s, SIZES(4), TW_FLOAT64) != NULL);
    tw_scope_free(s);
    CHECK(tw_live_handles() == before);
}

static void scope_keeps_the_first_error(void) {
    tw_scope *s = tw_scope_new();
    CHECK(tw_scope_status(s) == TW_OK);
    TEXT(tw_scope_message(s), "");
    tw_tensor *a = tw_ones(s, SIZES(3, 4), TW_FLOAT64), *b = tw_ones(s, SIZES(5, 2), TW_FLOAT64);
    tw_tensor *product = tw_matmul(s, a, b);
    CHECK(product == NULL);
    CHECK(tw_scope_status(s) == TW_ERROR_SHAPE);
    /* The design gives this message word for word. */
    TEXT(tw_scope_message(s), "matmul: [3, 4] x [5, 2]: inner sizes 4 and 5 differ");
    /* What follows from the failed call is NULL, and other failures do not replace the first. */
    CHECK(tw_add(s, product, a) == NULL);
    CHECK(tw_tensor_from_data(s, NULL, TW_FLOAT64, SIZES(3)) == NULL);
    CHECK(tw_scope_status(s) == TW_ERROR_SHAPE);
    TEXT(tw_scope_message(s), "matmul: [3, 4] x [5, 2]: inner sizes 4 and 5 differ");
    /* An unchecked error reaches the end as an error. */
    CHECK(tw_backward(s, product) == TW_ERROR_SHAPE);
    tw_scope_free(s);
}

static void clear_keeps_the_error_and_reset_forgets_it(void) {
    tw_scope *s = tw_scope_new();
    CHECK(tw_select(s, tw_ones(s, SIZES(3), TW_FLOAT64), 0, 3) == NULL);
    CHECK(tw_scope_status(s) == TW_ERROR_INDEX);
    tw_scope_clear(s);
    CHECK(tw_scope_status(s) == TW_ERROR_INDEX);
    CHECK(tw_scope_message(s)[0] != 0);
    tw_scope_reset(s);
    CHECK(tw_scope_status(s) == TW_OK);
    TEXT(tw_scope_message(s), "");
    VALUES(tw_ones(s, SIZES(2), TW_FLOAT64), 0, 1, 1);
    tw_scope_free(s);
}

static void null_scope_gives_the_tensor_to_the_caller(void) {
    int64_t before = tw_live_handles();
    tw_tensor *a = tw_arange(NULL, 0, 3, 1, TW_FLOAT64);
    CHECK(tw_live_handles() == before + 1);
    VALUES(a, 0, 0, 1, 2);
    tw_release(a);
    CHECK(tw_live_handles() == before);
}

static void null_scope_leaves_the_error_with_the_thread(void) {
    tw_tensor *a = tw_ones(NULL, SIZES(2, 3), TW_FLOAT64);
    REFUSES_SAYING(TW_ERROR_SHAPE, "[2, 3]", tw_matmul(NULL, a, a));
    /* A call that succeeds does not change it. */
    tw_tensor *b = tw_add(NULL, a, a);
    CHECK(b != NULL && tw_last_status() == TW_ERROR_SHAPE);
    tw_clear_last_error();
    CHECK(tw_last_status() == TW_OK);
    TEXT(tw_last_message(), "");
    tw_release(a);
    tw_release(b);
}

static void null_arguments(void) {
    CHECK(tw_scope_status(NULL) == TW_ERROR_NULL);
    CHECK(tw_scope_message(NULL) != NULL);
    tw_scope_free(NULL);
    tw_scope_clear(NULL);
    tw_scope_reset(NULL);
    tw_release(NULL);
    REFUSES(TW_ERROR_NULL, tw_keep(NULL));
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_ones(s, SIZES(2), TW_FLOAT64);
    REFUSES(TW_ERROR_NULL, tw_add(s, a, NULL));
    CHECK(tw_scope_status(s) == TW_ERROR_NULL);
    tw_scope_free(s);
}

static void keep_outlives_the_scope(void) {
    int64_t before = tw_live_handles();
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2, 3);
    tw_tensor *b = tw_multiply_scalar(s, a, 2);
    CHECK(tw_keep(b) == b);
    CHECK(tw_keep(b) == b);
    tw_scope_free(s);
    CHECK(tw_live_handles() == before + 1);
    VALUES(b, 0, 2, 4, 6);
    tw_release(b);
    CHECK(tw_live_handles() == before);
}

static void release_at_once(void) {
    tw_scope *s = tw_scope_new();
    int64_t before = tw_live_handles();
    tw_tensor *a = tw_ones(s, SIZES(2), TW_FLOAT64);
    tw_release(a);
    CHECK(tw_live_handles() == before);
    tw_release(a); /* again: left alone */
    CHECK(tw_live_handles() == before);
    tw_scope_free(s);
}

static void a_view_outlives_its_base(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_arange(s, 0, 12, 1, TW_FLOAT64);
    tw_tensor *view = tw_transpose(s, tw_reshape(s, a, SIZES(3, 4)), 0, 1);
    tw_keep(view);
    tw_scope_free(s);
    VALUES(view, 0, 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
    tw_release(view);
}

static void stale_handles(void) {
    tw_scope *s = tw_scope_new(), *other = tw_scope_new();
    tw_tensor *a = tw_ones(s, SIZES(2), TW_FLOAT64);
    tw_tensor *live = tw_ones(other, SIZES(2), TW_FLOAT64);
    int64_t rank = 77;
    tw_scope_clear(s);
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank(a, &rank));
    CHECK(rank == 77);
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_add(other, live, a));
    CHECK(tw_scope_status(other) == TW_ERROR_INVALID_HANDLE);
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_keep(a));
    /* New tensors do not bring an old handle back to life. */
    for (int i = 0; i < 100; ++i) CHECK(tw_zeros(s, SIZES(2), TW_FLOAT64) != a);
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank(a, &rank));
    tw_scope_free(s);
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank(a, &rank));
    tw_scope_free(other);
}

static void a_freed_scope_is_no_scope(void) {
    tw_scope *s = tw_scope_new();
    tw_scope_free(s);
    CHECK(tw_scope_status(s) == TW_ERROR_INVALID_HANDLE);
    CHECK(tw_scope_message(s) != NULL);
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_zeros(s, SIZES(2), TW_FLOAT64));
    tw_scope_clear(s);
    tw_scope_reset(s);
    tw_scope_free(s);
}

static void freeing_twice_is_left_alone(void) {
    int64_t before = tw_live_handles();
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 4, 1, 1, 2, 3, 4), *y = VECTOR(s, 2, 4, 6, 9);
    tw_generator *generator = NULL;
    tw_module *module = NULL;
    tw_optimizer *optimizer = NULL;
    tw_loader *loader = NULL;
    tw_lstsq_result *fit = NULL;
    OK(tw_generator_new(1, &generator));
    OK(tw_linear_new(1, 1, NULL, &module));
    OK(tw_sgd_new(NULL, &optimizer));
    OK(tw_loader_new(X, y, NULL, &loader));
    OK(tw_lstsq(X, y, NULL, &fit));
    for (int i = 0; i < 2; ++i) {
        tw_generator_free(generator);
        tw_module_free(module);
        tw_optimizer_free(optimizer);
        tw_loader_free(loader);
        tw_lstsq_result_free(fit);
        tw_scope_free(s);
        CHECK(tw_live_handles() == before);
    }
    int64_t number = 5;
    double rate = 5;
    FAILS(TW_ERROR_INVALID_HANDLE, tw_generator_state(generator, NULL, NULL));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_module_parameter_count(module, &number));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_optimizer_learning_rate(optimizer, &rate));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_loader_batches(loader, &number));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_lstsq_result_rank(fit, &number));
    CHECK(number == 5 && rate == 5);
}

static void freeing_null_is_accepted(void) {
    tw_generator_free(NULL);
    tw_module_free(NULL);
    tw_optimizer_free(NULL);
    tw_loader_free(NULL);
    tw_lstsq_result_free(NULL);
    tw_history_free(NULL);
    tw_safetensors_free(NULL);
}

static void handles_of_another_kind(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_ones(s, SIZES(2), TW_FLOAT64);
    tw_module *module = NULL;
    tw_generator *generator = NULL;
    OK(tw_relu_new(&module));
    OK(tw_generator_new(1, &generator));
    int64_t number = 0;
    double value = 0;
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank((const tw_tensor *)(void *)module, &number));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank((const tw_tensor *)(void *)s, &number));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_module_parameter_count((const tw_module *)(void *)a, &number));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_optimizer_learning_rate((const tw_optimizer *)(void *)generator, &value));
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_zeros((tw_scope *)(void *)a, SIZES(2), TW_FLOAT64));
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_module_forward(s, (tw_module *)(void *)generator, a));
    REFUSES(TW_ERROR_INVALID_HANDLE,
            tw_random_normal(s, (tw_generator *)(void *)module, SIZES(2), 0, 1, TW_FLOAT64));
    /* Freeing through the wrong function frees nothing. */
    int64_t before = tw_live_handles();
    tw_module_free((tw_module *)(void *)generator);
    tw_generator_free((tw_generator *)(void *)module);
    tw_release((tw_tensor *)(void *)module);
    tw_scope_free((tw_scope *)(void *)a);
    CHECK(tw_live_handles() == before);
    tw_module_free(module);
    tw_generator_free(generator);
    tw_scope_free(s);
}

static void pointers_that_never_were_handles(void) {
    char memory[256];
    memset(memory, 0x5a, sizeof memory);
    int64_t rank = 0;
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank((const tw_tensor *)(void *)memory, &rank));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank((const tw_tensor *)(uintptr_t)8, &rank));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_tensor_rank((const tw_tensor *)UINTPTR_MAX, &rank));
    REFUSES(TW_ERROR_INVALID_HANDLE, tw_zeros((tw_scope *)(void *)memory, SIZES(2), TW_FLOAT64));
    tw_release((tw_tensor *)(void *)memory);
    tw_scope_free((tw_scope *)(void *)memory);
    for (size_t i = 0; i < sizeof memory; ++i) CHECK(memory[i] == 0x5a);
}

static void many_tensors(void) {
    tw_scope *s = tw_scope_new();
    int64_t before = tw_live_handles(), count = under_valgrind() ? 2000 : 100000;
    for (int64_t i = 0; i < count; ++i) tw_scalar(s, (double)i, TW_FLOAT64);
    CHECK(tw_live_handles() == before + count);
    tw_scope_clear(s);
    CHECK(tw_live_handles() == before);
    tw_scope_free(s);
}

static void status_names(void) {
    TEXT(tw_status_name(TW_OK), "TW_OK");
    TEXT(tw_status_name(TW_ERROR_SHAPE), "TW_ERROR_SHAPE");
    TEXT(tw_status_name(TW_ERROR_INTERNAL), "TW_ERROR_INTERNAL");
    TEXT(tw_status_name((tw_status)999), "TW_ERROR_?");
    TEXT(tw_status_name((tw_status)-1), "TW_ERROR_?");
}

static void versions(void) {
    TEXT(tw_version(), TW_VERSION_STRING);
    CHECK(tw_version_number() == TW_VERSION_MAJOR * 1000000 + TW_VERSION_MINOR * 1000 + TW_VERSION_PATCH);
    const char *info = tw_build_info();
    CHECK(info != NULL && info[0] != 0 && strchr(info, '\n') == NULL);
}

int main(void) {
    RUN(scope_owns_its_tensors);
    RUN(scope_keeps_the_first_error);
    RUN(clear_keeps_the_error_and_reset_forgets_it);
    RUN(null_scope_gives_the_tensor_to_the_caller);
    RUN(null_scope_leaves_the_error_with_the_thread);
    RUN(null_arguments);
    RUN(keep_outlives_the_scope);
    RUN(release_at_once);
    RUN(a_view_outlives_its_base);
    RUN(stale_handles);
    RUN(a_freed_scope_is_no_scope);
    RUN(freeing_twice_is_left_alone);
    RUN(freeing_null_is_accepted);
    RUN(handles_of_another_kind);
    RUN(pointers_that_never_were_handles);
    RUN(many_tensors);
    RUN(status_names);
    RUN(versions);
    return check_report();
}
