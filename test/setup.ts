// Runs before the first test file of a process: a software Vulkan beside whatever the machine has. The loader reads the environment once,
// when a test first asks for a GPU.
import { existsSync } from 'node:fs';

for (const file of [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
]) {
  if (existsSync(file)) process.env.VK_ADD_DRIVER_FILES ??= file;
}
process.env.XDG_RUNTIME_DIR ??= '/tmp';
// What this user has measured must not change what is tested.
process.env.COTANGENT_CALIBRATION ??= '';
