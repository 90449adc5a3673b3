/* A power law through DanWood's six points: the energy that a carbon filament lamp radiates, by its temperature in
 * 1,000 K (NIST StRD, nonlinear regression); then the same model as a function of C, without derivatives. A picture
 * goes to the path that is given: curve_fit [PATH.svg]
 *
 * Output:
 *     certified: 0.768862262 x^3.860405587
 *     power:     0.768862262 x^3.860405587, standard errors 0.0183 and 0.0517
 *     function:  0.768862262 x^3.860405587, rss 0.0043173
 */
#include <math.h>
#include <stdio.h>
#include <talweg.h>

static const double x[] = {1.309, 1.471, 1.490, 1.565, 1.611, 1.680};
static const double y[] = {2.138, 3.421, 3.597, 4.340, 4.882, 5.660};

static int residuals(void *context, const double *b, double *r) {
    (void)context;
    for (int i = 0; i < 6; ++i) r[i] = b[0] * pow(x[i], b[1]) - y[i];
    return 0;
}

/* The points between the ends of the curve's confidence intervals. */
static int draw(tw_scope *s, const char *path, const tw_least_squares_result *fit) {
    enum { points = 51 };
    double band[points][2];
    tw_tensor *at = tw_linspace(s, 1.25, 1.75, points, TW_FLOAT64);
    tw_tensor *ends = tw_curve_band(s, TW_CURVE_POWER, 1, fit, at, TW_INTERVAL_CONFIDENCE, NULL, 0.95, false);
    FILE *file = fopen(path, "w");
    if (!file || tw_tensor_copy_to(ends, band, sizeof band) != TW_OK) return 1;
    fprintf(file, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 500 300' fill='none'>\n");
    for (int end = 0; end < 2; ++end) {
        fprintf(file, "<polyline stroke='blue' points='");
        for (int i = 0; i < points; ++i) fprintf(file, "%d,%.1f ", 10 * i, 320 - 45 * band[i][end]);
        fprintf(file, "'/>\n");
    }
    for (int i = 0; i < 6; ++i)
        fprintf(file, "<circle cx='%.1f' cy='%.1f' r='3' fill='black'/>\n", (x[i] - 1.25) * 1000, 320 - 45 * y[i]);
    fprintf(file, "</svg>\n");
    return fclose(file);
}

int main(int argc, char **argv) {
    int64_t six = 6, two = 2;
    double b[2], errors[2];
    tw_least_squares_result *power = NULL, *function = NULL;
    tw_least_squares_summary summary = TW_LEAST_SQUARES_SUMMARY_INIT;
    tw_scope *s = tw_scope_new();
    puts("certified: 0.768862262 x^3.860405587");

    tw_tensor *at = tw_tensor_from_data(s, x, TW_FLOAT64, &six, 1);
    tw_tensor *measured = tw_tensor_from_data(s, y, TW_FLOAT64, &six, 1);
    if (tw_curve_fit(TW_CURVE_POWER, 1, at, measured, NULL, NULL, NULL, &power) == TW_OK &&
        tw_tensor_copy_to(tw_least_squares_result_parameters(s, power), b, sizeof b) == TW_OK &&
        tw_tensor_copy_to(tw_least_squares_result_standard_errors(s, power, false), errors, sizeof errors) == TW_OK)
        printf("power:     %.9f x^%.9f, standard errors %.4f and %.4f\n", b[0], b[1], errors[0], errors[1]);
    if (power && argc > 1 && draw(s, argv[1], power) != 0) fprintf(stderr, "no picture in %s\n", argv[1]);

    tw_residuals model = TW_RESIDUALS_INIT;
    model.count = 6;
    model.function = residuals;
    tw_tensor *start = tw_tensor_from_data(s, (const double[]){1, 5}, TW_FLOAT64, &two, 1);
    if (tw_least_squares(&model, start, NULL, &function) == TW_OK &&
        tw_tensor_copy_to(tw_least_squares_result_parameters(s, function), b, sizeof b) == TW_OK &&
        tw_least_squares_result_summary(function, &summary) == TW_OK)
        printf("function:  %.9f x^%.9f, rss %.7f\n", b[0], b[1], 2 * summary.cost);

    int failed = !power || !function || tw_scope_status(s) != TW_OK;
    if (failed) fprintf(stderr, "%s\n", tw_last_message());
    tw_least_squares_result_free(power);
    tw_least_squares_result_free(function);
    tw_scope_free(s);
    return failed;
}
