/* Takes blur and noise from a picture, as a least-squares problem with as many unknowns as pixels: of all pictures x,
 * the one that makes
 *
 *     |B x - given|^2 + the sum over pairs of neighbours i, j of w_ij (x_i - x_j)^2
 *
 * least, where B is the blur. The matrix is two functions. At first all weights w are the same; then they are made of
 * the picture so far, small where neighbours differ much, so that noise goes and edges stay. The picture is one that
 * the program draws, or a PGM or PPM file's: image_denoise [FOLDER [PICTURE]]
 *
 * Output:
 *     320 x 240 pixels
 *     blurred, with noise    25.17 dB
 *     equal weights          28.70 dB
 *     reweighted once        31.34 dB
 *     reweighted twice       32.31 dB
 *     reweighted three times 32.82 dB
 *     image_before.pgm and image_after.pgm in build
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talweg.h>

/* width x height pixels, and for each the roots of the weights of its neighbours at the right and below. */
typedef struct {
    int64_t width, height;
    double *across, *down, *room;
} grid;

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

static double *numbers(int64_t count) {
    double *values = calloc((size_t)count, sizeof *values);
    if (!values) exit(1);
    return values;
}

/* The binomials 1 4 6 4 1 along n places, `step` apart. Beyond its ends the line comes back: so this is symmetric. */
static void blur_line(const double *from, double *to, int64_t n, int64_t step) {
    static const double bell[] = {0.0625, 0.25, 0.375, 0.25, 0.0625};
    for (int64_t i = 0; i < n; ++i) {
        double sum = 0;
        for (int64_t k = -2; k <= 2; ++k) {
            const int64_t j = i + k < 0 ? -1 - i - k : i + k >= n ? 2 * n - 1 - i - k : i + k;
            sum += bell[k + 2] * from[j * step];
        }
        to[i * step] = sum;
    }
}

static void blur(const grid *g, const double *from, double *to) {
    for (int64_t y = 0; y < g->height; ++y) blur_line(from + y * g->width, g->room + y * g->width, g->width, 1);
    for (int64_t x = 0; x < g->width; ++x) blur_line(g->room + x, to + x, g->height, g->width);
}

/* [B x; weighted differences to the right; downward]. The last ones of a row and of a column are zero. */
static int multiply(void *context, const double *x, double *out) {
    const grid *g = context;
    const int64_t n = g->width * g->height;
    blur(g, x, out);
    for (int64_t i = 0; i < n; ++i) {
        out[n + i] = (i + 1) % g->width ? g->across[i] * (x[i + 1] - x[i]) : 0;
        out[2 * n + i] = i + g->width < n ? g->down[i] * (x[i + g->width] - x[i]) : 0;
    }
    return 0;
}

static int multiply_transposed(void *context, const double *y, double *out) {
    const grid *g = context;
    const int64_t n = g->width * g->height;
    blur(g, y, out);
    for (int64_t i = 0; i < n; ++i) {
        if ((i + 1) % g->width) {
            out[i] -= g->across[i] * y[n + i];
            out[i + 1] += g->across[i] * y[n + i];
        }
        if (i + g->width < n) {
            out[i] -= g->down[i] * y[2 * n + i];
            out[i + g->width] += g->down[i] * y[2 * n + i];
        }
    }
    return 0;
}

/* The solution for the weights as they are, from `picture` on, into it. */
static void solve(grid *g, const double *given, double *picture) {
    const int64_t n = g->width * g->height, rows = 3 * n;
    double *right = numbers(rows);
    for (int64_t i = 0; i < n; ++i) right[i] = given[i];
    tw_scope *s = tw_scope_new();
    tw_operator *matrix = NULL;
    tw_iterative_options options = TW_ITERATIVE_OPTIONS_INIT;
    options.matrix_tolerance = options.right_tolerance = 1e-3;
    options.start = tw_tensor_from_data(s, picture, TW_FLOAT64, &n, 1);
    must(tw_operator_from_functions(rows, n, multiply, multiply_transposed, g, NULL, &matrix));
    tw_tensor *x = tw_lsqr(s, matrix, tw_tensor_from_data(s, right, TW_FLOAT64, &rows, 1), &options, NULL);
    must(tw_scope_status(s));
    must(tw_tensor_to_double(x, picture, n));
    tw_operator_free(matrix);
    tw_scope_free(s);
    free(right);
}

/* Weights of 0.1, less across edges: 0.1 times 0.2 over the slope, which leads to the least total variation. */
static void weigh(grid *g, const double *picture) {
    for (int64_t i = 0; i < g->width * g->height; ++i) {
        double weight = 0.1;
        if (picture) {
            const double across = (i + 1) % g->width ? picture[i + 1] - picture[i] : 0;
            const double down = i + g->width < g->width * g->height ? picture[i + g->width] - picture[i] : 0;
            weight *= 0.2 / sqrt(across * across + down * down + 1e-4);
        }
        g->across[i] = g->down[i] = sqrt(weight);
    }
}

/* ---- Pictures: grey, 0 to 1 ------------------------------------------------------------------------------------- */

/* A number of a file's header, which may hold comments. */
static int64_t header(FILE *file) {
    long long value = -1;
    while (fscanf(file, " #%*[^\n]%lln", &value) == 0 && value >= 0) value = -1;
    return fscanf(file, "%lld", &value) == 1 ? value : -1;
}

static double *read_picture(grid *g, const char *path) {
    FILE *file = fopen(path, "rb");
    const int letter = file ? fgetc(file) : EOF, kind = file ? fgetc(file) : EOF;
    g->width = file ? header(file) : 0;
    g->height = file ? header(file) : 0;
    if (letter != 'P' || (kind != '5' && kind != '6') || g->width < 4 || g->height < 4 || g->width > 1 << 14 ||
        g->height > 1 << 14 || header(file) != 255 || fgetc(file) == EOF) {
        fprintf(stderr, "%s: no PGM or PPM of 8 bits\n", path);
        exit(1);
    }
    double *picture = numbers(g->width * g->height);
    for (int64_t i = 0; i < g->width * g->height; ++i) {
        if (kind == '5') picture[i] = fgetc(file) / 255.0;
        else picture[i] = (0.299 * fgetc(file) + 0.587 * fgetc(file) + 0.114 * fgetc(file)) / 255;
    }
    fclose(file);
    return picture;
}

/* A disc, a ring and bars before a sky that grows lighter. */
static double *draw_picture(grid *g) {
    g->width = 320;
    g->height = 240;
    double *picture = numbers(g->width * g->height);
    for (int64_t y = 0; y < g->height; ++y)
        for (int64_t x = 0; x < g->width; ++x) {
            const double disc = hypot((double)x - 100, (double)y - 90), ring = hypot((double)x - 230, (double)y - 110);
            double value = 0.2 + 0.3 * (double)y / (double)g->height;
            if (disc < 60) value = 0.9 - disc / 200;
            if (ring > 30 && ring < 45) value = 0.05;
            if (y > 180 && y < 225 && x / 12 % 2) value = 0.75;
            picture[y * g->width + x] = value;
        }
    return picture;
}

static void write_picture(const grid *g, const char *folder, const char *name, const double *picture) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.pgm", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fprintf(file, "P5 %lld %lld 255\n", (long long)g->width, (long long)g->height);
    for (int64_t i = 0; i < g->width * g->height; ++i) fputc((int)lround(255 * fmin(1, fmax(0, picture[i]))), file);
    fclose(file);
}

static void report(const char *label, const double *picture, const double *truth, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += pow(fmin(1, fmax(0, picture[i])) - truth[i], 2);
    printf("%-22s %.2f dB\n", label, -10 * log10(sum / (double)n));
}

int main(int argc, char **argv) {
    static const char *const labels[] = {"equal weights", "reweighted once", "reweighted twice",
                                         "reweighted three times"};
    const char *folder = argc > 1 ? argv[1] : "build";
    grid g = {0, 0, NULL, NULL, NULL};
    double *truth = argc > 2 ? read_picture(&g, argv[2]) : draw_picture(&g);
    const int64_t n = g.width * g.height;
    g.across = numbers(n);
    g.down = numbers(n);
    g.room = numbers(n);
    double *given = numbers(n), *picture = numbers(n), *noise = numbers(n);

    tw_scope *s = tw_scope_new();
    tw_generator *generator = NULL;
    must(tw_generator_new(0, &generator));
    must(tw_tensor_to_double(tw_random_normal(s, generator, &n, 1, 0, 0.05, TW_FLOAT64), noise, n));
    blur(&g, truth, given);
    for (int64_t i = 0; i < n; ++i) picture[i] = given[i] += noise[i];
    printf("%lld x %lld pixels\n", (long long)g.width, (long long)g.height);
    report("blurred, with noise", given, truth, n);
    for (int round = 0; round < 4; ++round) {
        weigh(&g, round ? picture : NULL);
        solve(&g, given, picture);
        report(labels[round], picture, truth, n);
    }
    write_picture(&g, folder, "image_before", given);
    write_picture(&g, folder, "image_after", picture);
    printf("image_before.pgm and image_after.pgm in %s\n", folder);

    double *all[] = {truth, given, picture, noise, g.across, g.down, g.room};
    for (int i = 0; i < 7; ++i) free(all[i]);
    tw_generator_free(generator);
    tw_scope_free(s);
    return 0;
}
