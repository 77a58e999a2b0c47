package dev.tessera.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyPlanTest {
  @TempDir Path folder;

  private Checkpoint checkpoint(TensorInfo... tensors) throws IOException {
    Path path = folder.resolve("model.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, List.of(tensors), Map.of())) {
      for (TensorInfo tensor : tensors) {
        writer.write(tensor.name(), ByteBuffer.allocate((int) tensor.bytes()));
      }
      writer.finish();
    }
    return Checkpoint.open(folder);
  }

  private static KeyPlan plan() {
    return new KeyPlan(DType.WEIGHTS);
  }

  @Test
  void whatFitsIsGivenByItsStoredName() throws IOException {
    KeyPlan plan =
        plan()
            .require("proj.weight", 4, 2)
            .requireOneOf(List.of("conv.conf.weight", "conv.conv.weight"), 3)
            .allow("mask_token", 1)
            .allow("gate", 1);

    try (Checkpoint stored =
        checkpoint(
            TensorInfo.of("proj.weight", DType.BF16, 4, 2),
            TensorInfo.of("conv.conv.weight", DType.F32, 3),
            TensorInfo.of("gate", DType.F16, 1),
            TensorInfo.of("extra", DType.I64, 1))) {
      assertThat(stored.require(plan))
          .containsOnly(
              Map.entry("proj.weight", "proj.weight"),
              Map.entry("conv.conf.weight", "conv.conv.weight"),
              Map.entry("gate", "gate"));
      assertThat(stored.match(plan).fits()).isTrue();
      assertThat(stored.match(plan).unknown()).containsExactly("extra");
    }
  }

  @Test
  void ofTwoNamesTheFirstCountsAndTheOtherIsKnown() throws IOException {
    KeyPlan plan = plan().requireOneOf(List.of("conf", "conv"), 3);

    try (Checkpoint stored =
        checkpoint(TensorInfo.of("conv", DType.F32, 3), TensorInfo.of("conf", DType.F32, 3))) {
      assertThat(stored.match(plan).storedNames()).containsExactly(Map.entry("conf", "conf"));
      assertThat(stored.match(plan).unknown()).isEmpty();
    }
  }

  @Test
  void ignoredNamesAreKnown() throws IOException {
    try (Checkpoint stored =
        checkpoint(
            TensorInfo.of("track_head.a", DType.F32, 1), TensorInfo.of("track", DType.F32, 1))) {
      assertThat(stored.match(plan().ignore("track_head.")).unknown()).containsExactly("track");
    }
  }

  @Test
  void everythingThatDoesNotFitIsSaidAtOnce() throws IOException {
    KeyPlan plan =
        plan()
            .require("absent", 4, 2)
            .requireOneOf(List.of("conf", "conv"), 3)
            .require("turned", 4, 2)
            .require("whole", 2)
            .allow("mask", 1)
            .require("good", 2);

    try (Checkpoint stored =
        checkpoint(
            TensorInfo.of("turned", DType.F32, 2, 4),
            TensorInfo.of("whole", DType.I64, 2),
            TensorInfo.of("mask", DType.F32),
            TensorInfo.of("good", DType.F64, 2),
            TensorInfo.of("extra", DType.F32, 1))) {
      assertThatThrownBy(() -> stored.require(plan))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot use weights "
                  + folder
                  + ": 2 missing and 3 misfits among 6 tensors: missing absent [4, 2];"
                  + " missing conf or conv [3]; turned is [2, 4] instead of [4, 2];"
                  + " whole is I64 instead of [F16, BF16, F32, F64]; mask is [] instead of [1];"
                  + " unknown keys: 1");
    }
  }

  @Test
  void twentyAreListedAndTheRestCounted() throws IOException {
    KeyPlan plan = plan();
    for (int i = 0; i < 24; i++) {
      plan.require("layer" + i, 1);
    }

    try (Checkpoint stored = checkpoint()) {
      assertThatThrownBy(() -> stored.require(plan))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("24 missing and 0 misfits among 24 tensors")
          .hasMessageContaining("missing layer19 [1]; and 4 more; unknown keys: 0");
    }
  }

  @Test
  void aNameIsPlannedOnce() {
    assertThatThrownBy(() -> plan().require("a", 1).requireOneOf(List.of("b", "a"), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot plan tensor 'a': it is planned");
  }
}
