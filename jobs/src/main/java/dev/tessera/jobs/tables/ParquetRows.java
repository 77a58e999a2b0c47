package dev.tessera.jobs.tables;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/** Writes and reads one Parquet file inside a task, without Spark's planner. */
final class ParquetRows {
  /** The column of large values. */
  static final String BLOB = "blob";

  private ParquetRows() {}

  /** Writes the fields of row i. */
  @FunctionalInterface
  interface RowWriter {
    void write(Fields row, int i);
  }

  /** The fields of one row, to be given in the order of the schema. */
  static final class Fields {
    private final MessageType schema;
    private final RecordConsumer out;
    private int next;

    private Fields(MessageType schema, RecordConsumer out) {
      this.schema = schema;
      this.out = out;
    }

    Fields put(float value) {
      return field(consumer -> consumer.addFloat(value));
    }

    Fields put(double value) {
      return field(consumer -> consumer.addDouble(value));
    }

    Fields put(int value) {
      return field(consumer -> consumer.addInteger(value));
    }

    Fields put(long value) {
      return field(consumer -> consumer.addLong(value));
    }

    Fields put(String value) {
      return put(value.getBytes(StandardCharsets.UTF_8));
    }

    Fields put(byte[] value) {
      return field(consumer -> consumer.addBinary(Binary.fromConstantByteArray(value)));
    }

    /** A repeated field; one without values is left out, as Parquet wants it. */
    Fields put(List<Integer> values) {
      if (values.isEmpty()) {
        next++;
        return this;
      }
      return field(consumer -> values.forEach(consumer::addInteger));
    }

    private Fields field(Consumer<RecordConsumer> add) {
      String name = schema.getFieldName(next);
      out.startField(name, next);
      add.accept(out);
      out.endField(name, next);
      next++;
      return this;
    }
  }

  static void write(Configuration conf, Path file, MessageType schema, int rows, RowWriter writer)
      throws IOException {
    write(new Builder(file, schema, writer).withConf(conf), rows);
  }

  /**
   * As {@link #write(Configuration, Path, MessageType, int, RowWriter)}, for rows of large values
   * in column {@code blob}: they are not searched for repetitions, and a row group is closed at
   * that size, whatever the number of its rows.
   */
  static void writeBlobs(
      Configuration conf,
      Path file,
      MessageType schema,
      long rowGroupBytes,
      int rows,
      RowWriter writer)
      throws IOException {
    Builder builder = new Builder(file, schema, writer).withConf(conf);
    write(
        builder
            .withRowGroupSize(rowGroupBytes)
            .withMinRowCountForPageSizeCheck(1)
            .withMaxRowCountForPageSizeCheck(1)
            .withDictionaryEncoding(BLOB, false),
        rows);
  }

  private static void write(Builder builder, int rows) throws IOException {
    try (ParquetWriter<Integer> out =
        builder.withCompressionCodec(CompressionCodecName.ZSTD).build()) {
      for (int i = 0; i < rows; i++) {
        out.write(i);
      }
    }
  }

  static void read(Configuration conf, Path file, Consumer<Group> reader) throws IOException {
    read(new Reader(HadoopInputFile.fromPath(file, conf)), reader);
  }

  /** As {@link #read}, of the rows that hold; row groups that have none are passed over. */
  static void read(Configuration conf, Path file, FilterPredicate predicate, Consumer<Group> reader)
      throws IOException {
    read(
        new Reader(HadoopInputFile.fromPath(file, conf)).withFilter(FilterCompat.get(predicate)),
        reader);
  }

  private static void read(ParquetReader.Builder<Group> file, Consumer<Group> reader)
      throws IOException {
    try (ParquetReader<Group> in = file.build()) {
      for (Group row = in.read(); row != null; row = in.read()) {
        reader.accept(row);
      }
    }
  }

  /**
   * A reader with the configuration of the file. {@code ParquetReader.builder} first makes one of
   * its own, and parses Hadoop's XML defaults for it each time: longer than a small file takes.
   */
  private static final class Reader extends ParquetReader.Builder<Group> {
    Reader(InputFile file) {
      super(file);
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new GroupReadSupport();
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Integer, Builder> {
    private final MessageType schema;
    private final RowWriter writer;

    Builder(Path file, MessageType schema, RowWriter writer) {
      super(file);
      this.schema = schema;
      this.writer = writer;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<Integer> getWriteSupport(Configuration conf) {
      return new WriteSupport<>() {
        private RecordConsumer consumer;

        @Override
        public WriteContext init(Configuration configuration) {
          return new WriteContext(schema, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
          consumer = recordConsumer;
        }

        @Override
        public void write(Integer row) {
          consumer.startMessage();
          writer.write(new Fields(schema, consumer), row);
          consumer.endMessage();
        }
      };
    }
  }
}
