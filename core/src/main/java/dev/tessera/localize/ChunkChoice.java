package dev.tessera.localize;

import dev.tessera.partition.ChunkId;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/** The chunks to be asked about a photo, or why none is. */
public sealed interface ChunkChoice extends Serializable {
  /** These, each once. */
  record Ask(List<ChunkId> chunks) implements ChunkChoice {
    public Ask {
      chunks = List.copyOf(chunks);
    }
  }

  /** None. */
  record AskNone(Reason reason, String detail) implements ChunkChoice {}

  /** Why no chunk is asked. */
  enum Reason {
    /** The photo's position is farther from all chunks than is searched. */
    NO_CHUNK_NEAR,
    /** Nothing says which chunks to ask, and they are too many to ask all. */
    TOO_MANY_CHUNKS,
    /** The engine failed on the photo when chunks that look like it were searched. */
    ENGINE_ERROR;

    /** The name used in tables. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
