package dev.tessera.ttt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tessera.tensor.GoldenTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * The reference's cases of fast-weight operators and layers: the set {@code ttt_op_unit}, a part of
 * which is kept in this repository as {@code ttt_op_subset}.
 */
public final class GoldenCases implements AutoCloseable {
  private final String set;
  private final GoldenTensors tensors;

  private GoldenCases(String set) {
    this.set = set;
    this.tensors = GoldenTensors.open(set + ".safetensors");
  }

  public static GoldenCases open(String set) {
    return new GoldenCases(set);
  }

  public GoldenTensors tensors() {
    return tensors;
  }

  /** What is said about the cases whose id begins so. */
  public List<JsonObject> of(String prefix) {
    return StreamSupport.stream(
            JsonParser.parseString(text()).getAsJsonArray().spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .filter(each -> each.get("id").getAsString().startsWith(prefix))
        .toList();
  }

  private String text() {
    try {
      return Files.readString(GoldenTensors.path(set + ".cases.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public NDArray tensor(NDManager manager, String name, DataType type) {
    Shape shape = new Shape(tensors.info(name).dimensions());
    return manager.create(tensors.doubles(name), shape).toType(type, false);
  }

  @Override
  public void close() {
    tensors.close();
  }
}
