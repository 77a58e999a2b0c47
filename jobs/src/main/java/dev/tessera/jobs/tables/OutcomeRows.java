package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkOutcome;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The {@code outcomes} table, format.md: the only place that knows its columns. */
public final class OutcomeRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("chunk_id", IntegerType, false)
          .add("store_key", StringType, false)
          .add("reconstructed", BooleanType, false)
          .add("reason", StringType, true)
          .add("detail", StringType, true)
          .add("views", IntegerType, false)
          .add("registered", IntegerType, false)
          .add("points", IntegerType, false)
          .add("tensors", IntegerType, false)
          .add("resumed", BooleanType, false)
          .add("seconds", DoubleType, false)
          .add("halved", BooleanType, false)
          .add("halved_from", IntegerType, true);

  /** The reason of chunks that the rest of the map contradicts. */
  public static final String CONTRADICTED = "CONTRADICTED";

  private OutcomeRows() {}

  /**
   * What became of a chunk.
   *
   * @param storeKey where its scene is, if it was reconstructed
   * @param reason why it was not; null if it was
   * @param tensors of the scene's memory
   * @param resumed whether the chunk's reconstruction was in the store already
   * @param halved whether it ran out of memory, or its scene proved wrong, and others, its halves,
   *     stand for it
   * @param halvedFrom the chunk that this is a half of; null if it was planned
   */
  public record Outcome(
      ChunkId chunk,
      String storeKey,
      boolean reconstructed,
      String reason,
      String detail,
      int views,
      int registered,
      int points,
      int tensors,
      boolean resumed,
      double seconds,
      boolean halved,
      ChunkId halvedFrom)
      implements Serializable {

    /** A planned chunk with a scene. */
    public static Outcome reconstructed(
        ChunkId chunk,
        String storeKey,
        int views,
        int registered,
        int points,
        int tensors,
        boolean resumed,
        double seconds) {
      return new Outcome(
          chunk,
          storeKey,
          true,
          null,
          null,
          views,
          registered,
          points,
          tensors,
          resumed,
          seconds,
          false,
          null);
    }

    /** A planned chunk without one. */
    public static Outcome failed(
        ChunkId chunk, String storeKey, String reason, String detail, int views, double seconds) {
      return new Outcome(
          chunk, storeKey, false, reason, detail, views, 0, 0, 0, false, seconds, false, null);
    }

    public boolean outOfMemory() {
      return ChunkOutcome.Reason.OUT_OF_MEMORY.name().equals(reason);
    }

    /** Whether it may come to another end without any change: the next run tries. */
    public boolean worthAnotherTry() {
      return ChunkOutcome.Reason.ENGINE_ERROR.name().equals(reason)
          || ChunkOutcome.Reason.TIMEOUT.name().equals(reason);
    }

    /** Whether nothing stands for it: no scene, and no halves either. */
    public boolean lost() {
      return !reconstructed && !halved;
    }

    /** Whether its halves stand for it because the other chunks contradict its scene. */
    public boolean rechunked() {
      return halved && CONTRADICTED.equals(reason);
    }

    /** What becomes of a chunk whose scene the others contradict: its halves stand for it. */
    public Outcome asRechunked(String why) {
      return asFailed(CONTRADICTED, why).asHalved();
    }

    /** The same outcome of a chunk whose halves are to stand for it. */
    public Outcome asHalved() {
      return new Outcome(
          chunk, storeKey, false, reason, detail, views, 0, 0, 0, false, seconds, true, halvedFrom);
    }

    /** What became of the same chunk when its scene was lost after all. */
    public Outcome asFailed(String why, String whyInDetail) {
      return failed(chunk, storeKey, why, whyInDetail, views, seconds).halfOf(halvedFrom);
    }

    /** The same outcome of a half of that chunk; of a planned one for null. */
    public Outcome halfOf(ChunkId whole) {
      return with(storeKey, whole);
    }

    /** The same outcome with its scene under another key. */
    public Outcome withStoreKey(String key) {
      return with(key, halvedFrom);
    }

    /** The same outcome of a chunk that is numbered on from {@code first}. */
    public Outcome numberedFrom(int first) {
      ChunkId whole = halvedFrom == null ? null : halvedFrom.numberedFrom(first);
      return with(chunk.numberedFrom(first), storeKey, whole);
    }

    private Outcome with(String newStoreKey, ChunkId newHalvedFrom) {
      return with(chunk, newStoreKey, newHalvedFrom);
    }

    private Outcome with(ChunkId newChunk, String newStoreKey, ChunkId newHalvedFrom) {
      return new Outcome(
          newChunk,
          newStoreKey,
          reconstructed,
          reason,
          detail,
          views,
          registered,
          points,
          tensors,
          resumed,
          seconds,
          halved,
          newHalvedFrom);
    }
  }

  public static Row toRow(Outcome o) {
    return RowFactory.create(
        o.chunk().value(),
        o.storeKey(),
        o.reconstructed(),
        o.reason(),
        o.detail(),
        o.views(),
        o.registered(),
        o.points(),
        o.tensors(),
        o.resumed(),
        o.seconds(),
        o.halved(),
        o.halvedFrom() == null ? null : o.halvedFrom().value());
  }

  public static Outcome fromRow(Row row) {
    return new Outcome(
        new ChunkId(row.getInt(0)),
        row.getString(1),
        row.getBoolean(2),
        row.getString(3),
        row.getString(4),
        row.getInt(5),
        row.getInt(6),
        row.getInt(7),
        row.getInt(8),
        row.getBoolean(9),
        row.getDouble(10),
        row.getBoolean(11),
        row.isNullAt(12) ? null : new ChunkId(row.getInt(12)));
  }
}
