/* talweg._talweg.EventWriter: event files for TensorBoard. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_event_writer *handle;
} EventWriterObject;

#define WRITER(object) (((EventWriterObject *)(object))->handle)

static PyObject *writer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"folder", NULL};
    const char *folder;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "s:EventWriter", names, &folder)) return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (!self) return NULL;
    tw_status status;
    UNLOCKED(status = tw_event_writer_new(folder, &WRITER(self)))
    if (check(object_state(self), status) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static void writer_dealloc(PyObject *self) {
    tw_event_writer_free(WRITER(self));
    object_free(self);
}

static PyObject *done(PyObject *self, tw_status status) {
    if (check(object_state(self), status) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *writer_add_scalar(PyObject *self, PyObject *args) {
    const char *tag;
    double value;
    int64_t step;
    if (!PyArg_ParseTuple(args, "sdO&:add_scalar", &tag, &value, to_int64, &step)) return NULL;
    return done(self, tw_event_writer_add_scalar(WRITER(self), tag, value, step));
}

static PyObject *writer_add_histogram(PyObject *self, PyObject *args) {
    const char *tag;
    PyObject *values;
    int64_t step, bins;
    if (!PyArg_ParseTuple(args, "sOO&O&:add_histogram", &tag, &values, to_int64, &step, to_int64, &bins)) return NULL;
    PyObject *tensor = tensor_from(object_state(self), values, NULL, NULL);
    if (!tensor) return NULL;
    tw_status status;
    UNLOCKED(status = tw_event_writer_add_histogram(WRITER(self), tag, TENSOR(tensor), step, bins))
    Py_DECREF(tensor);
    return done(self, status);
}

static PyObject *writer_flush(PyObject *self, PyObject *unused) {
    (void)unused;
    tw_status status;
    UNLOCKED(status = tw_event_writer_flush(WRITER(self)))
    return done(self, status);
}

static PyObject *writer_close(PyObject *self, PyObject *unused) {
    (void)unused;
    tw_status status;
    UNLOCKED(status = tw_event_writer_close(WRITER(self)))
    return done(self, status);
}

static tw_status write_path(const void *writer, int64_t index, char *text, size_t capacity, size_t *needed) {
    (void)index;
    return tw_event_writer_path(writer, text, capacity, needed);
}

static PyObject *writer_get_path(PyObject *self, void *unused) {
    (void)unused;
    return text_from(object_state(self), write_path, WRITER(self), 0);
}

static PyMethodDef writer_methods[] = {
    {"add_scalar", writer_add_scalar, METH_VARARGS, "add_scalar($self, tag, value, step, /)\n--\n\nA number at a step."},
    {"add_histogram", writer_add_histogram, METH_VARARGS,
     "add_histogram($self, tag, values, step, bins, /)\n--\n\nHow elements are distributed at a step."},
    {"flush", writer_flush, METH_NOARGS, "flush($self, /)\n--\n\nHands all that was added to the system."},
    {"close", writer_close, METH_NOARGS, "close($self, /)\n--\n\nEnds the file."},
    {0},
};

static PyGetSetDef writer_getset[] = {
    {"path", writer_get_path, NULL, "The event file.", NULL},
    {0},
};

static PyType_Slot writer_slots[] = {
    {Py_tp_doc, "EventWriter(folder)\n--\n\nWrites an event file for TensorBoard: see talweg.SummaryWriter."},
    {Py_tp_new, writer_new},
    {Py_tp_dealloc, writer_dealloc},
    {Py_tp_methods, writer_methods},
    {Py_tp_getset, writer_getset},
    {0},
};

static PyType_Spec writer_spec = {"talweg._talweg.EventWriter", sizeof(EventWriterObject), 0, Py_TPFLAGS_DEFAULT,
                                  writer_slots};

int event_writer_type_add(PyObject *module, State *state) {
    return type_add(module, &writer_spec, NULL, &state->event_writer_type);
}
