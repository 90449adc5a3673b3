/* A robot drives three rounds and reckons where it is from its wheels; now and then it comes by a place it knows. A
 * hundred poses, and what was measured between them, are brought together. With a file name, it draws the way before
 * and after there, as an SVG picture.
 *
 * Output:
 *     100 poses, 122 measurements, 3177 numbers in the factor
 *     cost 30.02 before, 0.0217 after
 *     off the way by at most 4.38 before, 0.29 after
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talweg.h>

enum { poses = 100, lap = 33, most_edges = 2 * poses };

static const double pi = 3.14159265358979323846;

/* Between which poses, and how far ahead, to the left and turned the second is from the first. */
static int64_t ends[most_edges][2];
static double measured[most_edges][3];
static int edges;

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

/* How far b lies ahead, to the left and turned from a, less what was measured; with derivatives by a and b. */
static int between(void *context, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    const double *m = ((double (*)[3])context)[index], *a = x[0], *b = x[1];
    double c = cos(a[2]), s = sin(a[2]), dx = b[0] - a[0], dy = b[1] - a[1], turn = b[2] - a[2] - m[2];
    r[0] = c * dx + s * dy - m[0];
    r[1] = c * dy - s * dx - m[1];
    r[2] = turn - 2 * pi * floor((turn + pi) / (2 * pi));
    if (jacobians && jacobians[0]) {
        double by_a[] = {-c, -s, c * dy - s * dx, s, -c, -c * dx - s * dy, 0, 0, -1};
        memcpy(jacobians[0], by_a, sizeof by_a);
    }
    if (jacobians && jacobians[1]) {
        double by_b[] = {c, s, 0, -s, c, 0, 0, 0, 1};
        memcpy(jacobians[1], by_b, sizeof by_b);
    }
    return 0;
}

/* A number in -1 ... 1 that looks random. */
static double noise(void) {
    static unsigned state = 9;
    state = state * 1664525u + 1013904223u;
    return (double)(state >> 8) / (1 << 23) - 1;
}

static void measure(double truth[poses][3], int from, int to, double error) {
    const double nothing[3] = {0, 0, 0}, *both[] = {truth[from], truth[to]};
    between((void *)(size_t)nothing, 0, both, measured[edges], NULL);
    for (int k = 0; k < 3; ++k) measured[edges][k] += error * noise();
    ends[edges][0] = from;
    ends[edges++][1] = to;
}

static void draw(const char *name, double before[poses][3], double after[poses][3]) {
    FILE *file = fopen(name, "w");
    if (file == NULL) return;
    fprintf(file, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-12 -12 24 24' fill='none' stroke-width='0.1'>\n");
    for (int k = 0; k < 2; ++k) {
        fprintf(file, "<polyline stroke='%s' points='", k == 0 ? "#c44" : "#26a");
        for (int i = 0; i < poses; ++i) fprintf(file, "%.3f,%.3f ", (k ? after : before)[i][0], (k ? after : before)[i][1]);
        fprintf(file, "'/>\n");
    }
    fprintf(file, "</svg>\n");
    fclose(file);
}

static double farthest(double a[poses][3], double b[poses][3]) {
    double most = 0;
    for (int i = 0; i < poses; ++i) most = fmax(most, hypot(a[i][0] - b[i][0], a[i][1] - b[i][1]));
    return most;
}

int main(int count, char **arguments) {
    static double truth[poses][3], reckoned[poses][3], found[poses][3];
    for (int i = 0; i < poses; ++i) {
        double angle = 2 * pi * i / lap, radius = 8 + 2 * sin(3 * angle);
        double along = atan2(radius, 6 * cos(3 * angle)); /* of the way, from outward */
        truth[i][0] = radius * cos(angle);
        truth[i][1] = radius * sin(angle);
        truth[i][2] = angle + along;
    }
    for (int i = 0; i + 1 < poses; ++i) measure(truth, i, i + 1, 0.05);
    for (int i = 0; i + lap < poses; i += 3) measure(truth, i, i + lap, 0.02);
    /* Dead reckoning: one step after the other. */
    memcpy(reckoned[0], truth[0], sizeof truth[0]);
    for (int i = 0; i + 1 < poses; ++i) {
        double *a = reckoned[i], *m = measured[i], c = cos(a[2]), s = sin(a[2]);
        reckoned[i + 1][0] = a[0] + c * m[0] - s * m[1];
        reckoned[i + 1][1] = a[1] + s * m[0] + c * m[1];
        reckoned[i + 1][2] = a[2] + m[2];
    }

    tw_problem *problem;
    tw_parameter_blocks pose = TW_PARAMETER_BLOCKS_INIT;
    tw_residual_blocks edge = TW_RESIDUAL_BLOCKS_INIT;
    must(tw_problem_new(&problem));
    pose.size = 3;
    pose.manifold = TW_MANIFOLD_ANGLE_LAST;
    must(tw_problem_add_parameters(problem, &pose, poses, reckoned[0], NULL));
    must(tw_problem_set_constant(problem, 0, true));
    edge.residual_count = 3;
    edge.block_count = 2;
    edge.function = between;
    edge.derivatives = true;
    edge.context = measured;
    must(tw_problem_add_residuals(problem, &edge, ends[0], edges));

    tw_problem_summary summary = TW_PROBLEM_SUMMARY_INIT;
    must(tw_problem_solve(problem, NULL, &summary));
    for (int i = 0; i < poses; ++i) must(tw_problem_get_parameters(problem, i, found[i], 3));
    printf("%d poses, %d measurements, %d numbers in the factor\n", poses, edges, (int)summary.factor_nonzeros);
    printf("cost %.2f before, %.4f after\n", summary.initial_cost, summary.final_cost);
    printf("off the way by at most %.2f before, %.2f after\n", farthest(reckoned, truth), farthest(found, truth));
    if (count > 1) draw(arguments[1], reckoned, found);
    tw_problem_free(problem);
    return 0;
}
