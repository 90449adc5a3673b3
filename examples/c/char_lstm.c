/* Learns to spell from a list of words: an LSTM that reads characters and says what comes next, then makes up words of
 * its own: char_lstm [FILE [STEPS]]. Without a file it takes the word list that Debian packages (wamerican).
 *
 * Output of a short run (first names, 300 steps):
 *     228145 characters, 27 different ones
 *     step    60: 3.70 bits a character
 *     step   120: 3.24 bits a character
 *     step   180: 3.11 bits a character
 *     step   240: 2.98 bits a character
 *     step   300: 2.84 bits a character
 *     words of its own: eluckti, ilias, riana, breshad, braine, jemy, myusenm, kiann, zavia, taura
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talweg.h>

enum { LENGTH = 32, BATCH = 64, WIDTH = 128, BYTES = 256 };

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

/* The whole file, at most 64 MB. */
static unsigned char *read_text(const char *path, int64_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "%s: no such file; name a text file, or apt-get install wamerican\n", path);
        exit(1);
    }
    unsigned char *text = malloc(64 << 20);
    *size = text ? (int64_t)fread(text, 1, 64 << 20, file) : 0;
    fclose(file);
    return text;
}

typedef struct {
    tw_module *embedding, *lstm, *output;
} Speller;

/* The logits [batch, steps, letters] of what follows each letter; the state after the last step in `state`, which
   holds the one before or NULLs. */
static tw_tensor *spell(tw_scope *s, const Speller *m, const tw_tensor *letters, tw_tensor *state[2]) {
    tw_tensor *outputs[3] = {NULL};
    const tw_tensor *inputs[] = {tw_module_forward(s, m->embedding, letters), state[0], state[1]};
    if (tw_module_call(s, m->lstm, inputs, 3, outputs, 3) != TW_OK) return NULL;
    state[0] = outputs[1];
    state[1] = outputs[2];
    return tw_module_forward(s, m->output, outputs[0]);
}

static tw_tensor *loss_of(tw_scope *s, const Speller *m, const tw_tensor *x, const tw_tensor *y, int64_t letters) {
    tw_tensor *state[2] = {NULL, NULL};
    const int64_t flat[] = {-1, letters};
    return tw_cross_entropy_loss(s, tw_reshape(s, spell(s, m, x, state), flat, 2), tw_reshape(s, y, flat, 1));
}

int main(int argc, char **argv) {
    int64_t size = 0, letters = 0;
    unsigned char *text = read_text(argc > 1 ? argv[1] : "/usr/share/dict/words", &size), letter_of[BYTES];
    int steps = argc > 2 ? atoi(argv[2]) : 1000, code[BYTES];
    memset(code, -1, sizeof code);
    code['\n'] = 0;
    letter_of[letters++] = '\n';
    for (int64_t i = 0; i < size; ++i)
        if (code[text[i]] < 0) {
            letter_of[letters] = text[i];
            code[text[i]] = (int)letters++;
        }
    int64_t rows = (size - 1) / LENGTH;
    if (rows < 2) {
        fprintf(stderr, "the text is too short: %d letters, at least %d are needed\n", (int)size, 2 * LENGTH + 1);
        return 1;
    }
    printf("%d characters, %d different ones\n", (int)size, (int)letters);

    /* Row i of x is LENGTH letters, row i of y those that follow them. */
    tw_scope *s = tw_scope_new(), *step = tw_scope_new();
    int32_t *codes = malloc((size_t)size * sizeof *codes);
    if (!codes) return 1;
    for (int64_t i = 0; i < size; ++i) codes[i] = code[text[i]];
    const int64_t shape[] = {rows, LENGTH};
    tw_tensor *x = tw_tensor_from_data(s, codes, TW_INT32, shape, 2);
    tw_tensor *y = tw_tensor_from_data(s, codes + 1, TW_INT32, shape, 2);
    free(codes);
    free(text);

    Speller m = {NULL, NULL, NULL};
    tw_generator *generator = NULL;
    must(tw_generator_new(1, &generator));
    tw_embedding_options embedding = TW_EMBEDDING_OPTIONS_INIT;
    tw_recurrent_options recurrent = TW_RECURRENT_OPTIONS_INIT;
    tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
    embedding.generator = recurrent.generator = linear.generator = generator;
    recurrent.batch_first = true;
    must(tw_embedding_new(letters, 32, &embedding, &m.embedding));
    must(tw_lstm_new(32, WIDTH, &recurrent, &m.lstm));
    must(tw_linear_new(WIDTH, letters, &linear, &m.output));
    tw_adam_options adam = TW_ADAM_OPTIONS_INIT;
    tw_optimizer *optimizer = NULL;
    adam.learning_rate = 4e-3;
    adam.max_norm = 1;
    must(tw_adam_new(&adam, &optimizer));
    must(tw_optimizer_add_module(optimizer, m.embedding));
    must(tw_optimizer_add_module(optimizer, m.lstm));
    must(tw_optimizer_add_module(optimizer, m.output));

    tw_loader_options batches = TW_LOADER_OPTIONS_INIT;
    tw_loader *loader = NULL;
    batches.batch_size = BATCH;
    batches.shuffle = true;
    must(tw_loader_new(x, y, &batches, &loader));
    double sum = 0;
    int summed = 0;
    for (int i = 1; i <= steps; ++i) {
        tw_tensor *bx = NULL, *by = NULL;
        bool more = false;
        must(tw_loader_next(step, loader, &bx, &by, &more));
        if (!more) must(tw_loader_next(step, loader, &bx, &by, &more));
        must(tw_optimizer_zero_grad(optimizer));
        tw_tensor *loss = loss_of(step, &m, bx, by, letters);
        must(tw_backward(step, loss));
        must(tw_optimizer_step(optimizer));
        double value = 0;
        must(tw_tensor_item(loss, &value));
        sum += value;
        ++summed;
        if (i == steps || i % (steps / 5 > 0 ? steps / 5 : 1) == 0) {
            printf("step %5d: %.2f bits a character\n", i, sum / summed / 0.6931471805599453);
            sum = summed = 0;
        }
        tw_scope_clear(step);
    }

    /* Words letter by letter, each drawn from what the network thinks may follow. */
    tw_set_grad_enabled(false);
    printf("words of its own:");
    for (int word = 0; word < 10; ++word) {
        tw_tensor *state[2] = {NULL, NULL};
        int32_t letter = 0;
        const int64_t one[] = {1, 1};
        printf("%s ", word ? "," : "");
        for (int place = 0; place < 20; ++place) {
            tw_tensor *logits = spell(step, &m, tw_tensor_from_data(step, &letter, TW_INT32, one, 2), state);
            tw_tensor *sharper = tw_divide_scalar(step, tw_select(step, tw_select(step, logits, 0, 0), 0, 0), 0.8);
            double drawn = 0;
            must(tw_tensor_item(tw_random_categorical_logits(step, generator, sharper, 1, true), &drawn));
            letter = (int32_t)drawn;
            if (letter == 0) break;
            putchar(letter_of[letter]);
        }
        tw_scope_clear(step);
    }
    printf("\n");

    tw_loader_free(loader);
    tw_optimizer_free(optimizer);
    tw_generator_free(generator);
    tw_module_free(m.embedding);
    tw_module_free(m.lstm);
    tw_module_free(m.output);
    tw_scope_free(step);
    tw_scope_free(s);
    return 0;
}
