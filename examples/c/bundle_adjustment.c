/* Bundle adjustment: three cameras see seven points; from the pictures alone, and a poor guess, where the cameras
 * stood and where the points are. Nothing in the pictures tells the scale: the second camera's distance sets it.
 *
 * Output:
 *     before: 21.620 pixels off
 *     after 7 steps: 0.000 pixels off
 *     point 0 at -1.0000 -1.0000  5.0000
 *     point 1 at  1.0000 -1.0000  6.0000
 *     point 2 at  1.0000  1.0000  5.5000
 *     point 3 at -1.0000  1.0000  6.5000
 *     point 4 at  0.0000  0.0000  4.8000
 *     point 5 at  0.5000 -0.3000  7.0000
 *     point 6 at -0.6000  0.4000  5.2000
 *     within 0.000001 of the truth: yes
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

enum { cameras = 3, points = 7 };

/* Poses: a unit quaternion (w, x, y, z) and a translation. */
static const double true_cameras[cameras][7] = {{1, 0, 0, 0, 0, 0, 0},
                                                {0.995004165, 0, 0.099833417, 0, -1, 0, 0.2},
                                                {0.995004165, 0.099833417, 0, 0, 0.1, -1, 0.1}};
static const double true_points[points][3] = {{-1, -1, 5}, {1, -1, 6},    {1, 1, 5.5}, {-1, 1, 6.5},
                                              {0, 0, 4.8}, {0.5, -0.3, 7}, {-0.6, 0.4, 5.2}};

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

/* Where a camera of focal length 500 sees a point, in pixels: the point turned and moved, then divided by its depth. */
static void project(const double *camera, const double *p, double *pixel) {
    double w = camera[0], x = camera[1], y = camera[2], z = camera[3];
    double a = 2 * (y * p[2] - z * p[1]), b = 2 * (z * p[0] - x * p[2]), c = 2 * (x * p[1] - y * p[0]);
    double depth = p[2] + w * c + x * b - y * a + camera[6];
    pixel[0] = 500 * (p[0] + w * a + y * c - z * b + camera[4]) / depth;
    pixel[1] = 500 * (p[1] + w * b + z * a - x * c + camera[5]) / depth;
}

/* What camera and point give less what was seen; the derivatives are found by differences. */
static int reprojection(void *seen, int64_t index, const double *const *x, double *r, double *const *jacobians) {
    (void)jacobians;
    project(x[0], x[1], r);
    r[0] -= ((double (*)[2])seen)[index][0];
    r[1] -= ((double (*)[2])seen)[index][1];
    return 0;
}

/* A number in -1 ... 1 that looks random. */
static double noise(void) {
    static unsigned state = 1;
    state = state * 1664525u + 1013904223u;
    return (double)(state >> 8) / (1 << 23) - 1;
}

static double pixels(tw_problem *problem) {
    double cost;
    must(tw_problem_cost(problem, &cost));
    return sqrt(2 * cost / (cameras * points));
}

int main(void) {
    double seen[cameras * points][2], camera_guess[cameras][7], point_guess[points][3], length = 0;
    int64_t blocks[cameras * points][2];
    for (int i = 0; i < cameras; ++i)
        for (int k = 0; k < 7; ++k) camera_guess[i][k] = true_cameras[i][k] + (i > 0 && k > 3 ? 0.1 * noise() : 0);
    for (int j = 0; j < points; ++j)
        for (int k = 0; k < 3; ++k) point_guess[j][k] = true_points[j][k] + 0.3 * noise();
    for (int i = 0; i < cameras; ++i)
        for (int j = 0; j < points; ++j) {
            project(true_cameras[i], true_points[j], seen[i * points + j]);
            blocks[i * points + j][0] = i;
            blocks[i * points + j][1] = cameras + j;
        }

    tw_problem *problem;
    tw_parameter_blocks camera = TW_PARAMETER_BLOCKS_INIT, point = TW_PARAMETER_BLOCKS_INIT;
    tw_residual_blocks picture = TW_RESIDUAL_BLOCKS_INIT;
    must(tw_problem_new(&problem));
    camera.size = 7;
    camera.manifold = TW_MANIFOLD_QUATERNION_FIRST;
    point.size = 3;
    must(tw_problem_add_parameters(problem, &camera, cameras, camera_guess[0], NULL));
    must(tw_problem_add_parameters(problem, &point, points, point_guess[0], NULL));
    must(tw_problem_set_constant(problem, 0, true));
    picture.residual_count = 2;
    picture.block_count = 2;
    picture.function = reprojection;
    picture.context = seen;
    must(tw_problem_add_residuals(problem, &picture, blocks[0], cameras * points));

    tw_problem_summary summary = TW_PROBLEM_SUMMARY_INIT;
    printf("before: %.3f pixels off\n", pixels(problem));
    must(tw_problem_solve(problem, NULL, &summary));
    printf("after %d steps: %.3f pixels off\n", (int)summary.iterations, pixels(problem));

    /* In the scale in which the second camera stands as far off as it did. */
    double found[7];
    must(tw_problem_get_parameters(problem, 1, found, 7));
    for (int k = 4; k < 7; ++k) length += found[k] * found[k];
    double scale = sqrt(1.04 / length), worst = 0;
    for (int j = 0; j < points; ++j) {
        must(tw_problem_get_parameters(problem, cameras + j, found, 7));
        for (int k = 0; k < 3; ++k) worst = fmax(worst, fabs(scale * found[k] - true_points[j][k]));
        /* Plus 0.0: no minus before a zero. */
        for (int k = 0; k < 3; ++k) found[k] = round(1e4 * scale * found[k]) / 1e4 + 0.0;
        printf("point %d at %7.4f %7.4f %7.4f\n", j, found[0], found[1], found[2]);
    }
    printf("within 0.000001 of the truth: %s\n", worst < 1e-6 ? "yes" : "no");
    tw_problem_free(problem);
    return 0;
}
