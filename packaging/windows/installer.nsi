; The installer for one Windows user: no administrator, nothing outside the user's own
; folders. The build defines VERSION, QUAD (four numbers), STAGE, ICON and OUT.
Unicode true
SetCompressor /SOLID lzma
SetDateSave off
RequestExecutionLevel user
ManifestDPIAware true

!include MUI2.nsh

!define ID xiaozhi-switchboard
!define PROGRAM xiaozhi-switchboard.exe
!define ENTRY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"

Name "$(ProgramName)"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${ID}"
InstallDirRegKey HKCU "${ENTRY}" InstallLocation
BrandingText "Xiaozhi Switchboard 小智总机 ${VERSION}"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

; The system's language is chosen among these; the first is for all others.
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese

LangString ProgramName ${LANG_ENGLISH} "Xiaozhi Switchboard"
LangString ProgramName ${LANG_SIMPCHINESE} "小智总机"
LangString Running ${LANG_ENGLISH} "Xiaozhi Switchboard is running. Please quit it, then press Retry."
LangString Running ${LANG_SIMPCHINESE} "小智总机正在运行。请先退出，再点“重试”。"
LangString Kept ${LANG_ENGLISH} "Your settings and logs were kept: %APPDATA%\${ID} and %LOCALAPPDATA%\${ID}"
LangString Kept ${LANG_SIMPCHINESE} "您的设置和日志仍保留在 %APPDATA%\${ID} 和 %LOCALAPPDATA%\${ID}"

VIProductVersion "${QUAD}"
VIAddVersionKey /LANG=${LANG_ENGLISH} ProductName "Xiaozhi Switchboard"
VIAddVersionKey /LANG=${LANG_ENGLISH} FileDescription "Xiaozhi Switchboard setup"
VIAddVersionKey /LANG=${LANG_ENGLISH} CompanyName "Xiaozhi Switchboard maintainers"
VIAddVersionKey /LANG=${LANG_ENGLISH} LegalCopyright "Licence not chosen yet"
VIAddVersionKey /LANG=${LANG_ENGLISH} FileVersion "${VERSION}"
VIAddVersionKey /LANG=${LANG_ENGLISH} ProductVersion "${VERSION}"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} ProductName "小智总机"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} FileDescription "小智总机安装程序"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} CompanyName "小智总机维护者"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} LegalCopyright "许可证尚未选定"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} FileVersion "${VERSION}"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} ProductVersion "${VERSION}"

; A program that runs cannot be written to. It is never killed: its user quits it. A
; silent installation gives up instead of asking.
!macro WaitUntilQuit
  retry:
  IfFileExists "$INSTDIR\${PROGRAM}" 0 free
  ClearErrors
  FileOpen $0 "$INSTDIR\${PROGRAM}" a
  IfErrors 0 opened
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" /SD IDCANCEL IDRETRY retry
  SetErrorLevel 2
  Abort
  opened:
  FileClose $0
  free:
!macroend

Section
  !insertmacro WaitUntilQuit
  SetOutPath "$INSTDIR"
  File "${STAGE}/${PROGRAM}"
  File "${STAGE}/NOTICES.txt"
  File "${STAGE}/README.md"
  File "${STAGE}/README.zh.md"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  ; An earlier installation may have spoken another language.
  Delete "$SMPROGRAMS\Xiaozhi Switchboard.lnk"
  Delete "$SMPROGRAMS\小智总机.lnk"
  CreateShortcut "$SMPROGRAMS\$(ProgramName).lnk" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${ENTRY}" DisplayName "$(ProgramName)"
  WriteRegStr HKCU "${ENTRY}" DisplayVersion "${VERSION}"
  WriteRegStr HKCU "${ENTRY}" DisplayIcon "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${ENTRY}" Publisher "Xiaozhi Switchboard maintainers"
  WriteRegStr HKCU "${ENTRY}" InstallLocation "$INSTDIR"
  WriteRegStr HKCU "${ENTRY}" UninstallString '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${ENTRY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${ENTRY}" NoModify 1
  WriteRegDWORD HKCU "${ENTRY}" NoRepair 1
SectionEnd

Section Uninstall
  !insertmacro WaitUntilQuit
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\NOTICES.txt"
  Delete "$INSTDIR\README.md"
  Delete "$INSTDIR\README.zh.md"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Xiaozhi Switchboard.lnk"
  Delete "$SMPROGRAMS\小智总机.lnk"
  DeleteRegKey HKCU "${ENTRY}"
  ; What "start at login" of the program itself has written.
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "${ID}"
  MessageBox MB_OK|MB_ICONINFORMATION "$(Kept)" /SD IDOK
SectionEnd
