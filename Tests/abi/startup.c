/* Loads the library and fits a line: what a host pays for its first call. */
#include <stdio.h>
#include <talweg.h>

int main(void) {
    double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 5, 4, 5};
    int64_t shape[] = {5, 1};
    tw_scope *s = tw_scope_new();
    tw_tensor *X = tw_tensor_from_data(s, x, TW_FLOAT64, shape, 2);
    tw_tensor *Y = tw_tensor_from_data(s, y, TW_FLOAT64, shape, 1);
    tw_lstsq_result *fit = NULL;
    double slope = 0;
    if (tw_lstsq(X, Y, NULL, &fit) != TW_OK ||
        tw_tensor_item(tw_lstsq_result_coefficients(s, fit), &slope) != TW_OK) {
        fprintf(stderr, "%s\n", tw_last_message());
        return 1;
    }
    printf("slope %.3f by %s\n", slope, tw_build_info());
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
    return slope > 0.5999 && slope < 0.6001 ? 0 : 1;
}
