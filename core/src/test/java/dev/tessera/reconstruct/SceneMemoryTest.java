package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.reconstruct.SceneMemory.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneMemoryTest {
  @ParameterizedTest
  @CsvSource({"U8, 6", "BOOL, 6", "BF16, 12", "F16, 12", "F32, 24", "I32, 24", "F64, 48"})
  void aTensorHasTheBytesOfItsTypeAndShape(String dtype, int bytes) {
    Tensor tensor = new Tensor("w", dtype, List.of(2, 3), new byte[bytes]);

    assertThat(tensor.bytes()).hasSize(bytes);
    assertThatThrownBy(() -> new Tensor("w", dtype, List.of(2, 3), new byte[bytes - 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot make tensor 'w': %s [2, 3] needs %d bytes, was given %d"
                .formatted(dtype, bytes, bytes - 1));
  }

  @Test
  void aScalarIsOneNumber() {
    assertThat(Tensor.byteCount("F32", List.of())).isEqualTo(4);
  }

  @Test
  void aTypeThatIsNoneIsRefused() {
    assertThatThrownBy(() -> new Tensor("w", "float", List.of(), new byte[4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no tensor type 'float'");
  }
}
