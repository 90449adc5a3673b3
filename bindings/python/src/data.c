/* One pass over the batches of a data set: the iterator of talweg.data.DataLoader. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_loader *handle;
    bool paired; /* there are targets */
    bool ended;
} LoaderObject;

static PyObject *loader_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"inputs", "targets", "batch_size", "shuffle", "drop_last", "seed", "epoch", NULL};
    tw_loader_options options = TW_LOADER_OPTIONS_INIT;
    PyObject *inputs, *targets;
    int64_t epoch;
    int shuffle, drop_last;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO&ppO&O&:Batches", names, &inputs, &targets, to_int64,
                                     &options.batch_size, &shuffle, &drop_last, to_uint64, &options.seed, to_int64,
                                     &epoch))
        return NULL;
    options.shuffle = shuffle;
    options.drop_last = drop_last;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    LoaderObject *self = (LoaderObject *)allocate(type, 0);
    if (!self) return NULL;
    State *state = object_state((PyObject *)self);
    PyObject *x = tensor_from(state, inputs, NULL, NULL), *y = NULL;
    if (!x || tensor_or_none(state, targets, &y) < 0 ||
        check(state, tw_loader_new(TENSOR(x), y ? TENSOR(y) : NULL, &options, &self->handle)) < 0 ||
        check(state, tw_loader_set_epoch(self->handle, epoch)) < 0)
        Py_CLEAR(self);
    else
        self->paired = y != NULL;
    Py_XDECREF(x);
    Py_XDECREF(y);
    return (PyObject *)self;
}

static void loader_dealloc(PyObject *self) {
    tw_loader_free(((LoaderObject *)self)->handle);
    object_free(self);
}

static PyObject *loader_next(PyObject *object) {
    LoaderObject *self = (LoaderObject *)object;
    State *state = object_state(object);
    tw_tensor *x = NULL, *y = NULL;
    bool more = false;
    tw_status status = TW_OK;
    if (self->ended) return NULL;
    UNLOCKED(status = tw_loader_next(NULL, self->handle, &x, self->paired ? &y : NULL, &more))
    if (check(state, status) < 0) return NULL;
    self->ended = !more;
    if (!more) return NULL;
    PyObject *inputs = tensor_wrap(state, x);
    if (!self->paired) return inputs;
    PyObject *targets = tensor_wrap(state, y);
    PyObject *pair = inputs && targets ? PyTuple_Pack(2, inputs, targets) : NULL;
    Py_XDECREF(inputs);
    Py_XDECREF(targets);
    return pair;
}

static Py_ssize_t loader_length(PyObject *self) {
    int64_t batches;
    if (check(object_state(self), tw_loader_batches(((LoaderObject *)self)->handle, &batches)) < 0) return -1;
    return (Py_ssize_t)batches;
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "Batches(inputs, targets, batch_size, shuffle, drop_last, seed, epoch)\n--\n\n"
                "The batches of one epoch."},
    {Py_tp_new, loader_new},
    {Py_tp_dealloc, loader_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, loader_next},
    {Py_sq_length, loader_length},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.Batches", sizeof(LoaderObject), 0, Py_TPFLAGS_DEFAULT, slots};

int loader_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->loader_type);
}
